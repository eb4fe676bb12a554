"""What is sent to us: small, and refused in one line where it is not what was asked for."""

from __future__ import annotations

from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.acknowledging import LONGEST_NOTE
from alerts.wording import one_line
from monitor.store.alert_verdicts import AlertAnswer, AlertReason
from policy.verdicts import Answer, Reason

LARGEST = 16_384  # bytes
LONGEST_REASON = 500  # of an approval
_FIELDS = 20  # of a form


class VerdictBody(BaseModel):
    """`POST /api/v1/verdicts`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    item: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")  # see NoNul
    answer: Answer
    correction: str = Field("", max_length=100)
    reason: Reason = ""


class AlertVerdictBody(BaseModel):
    """`POST /api/v1/alerts/{id}/verdicts`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    answer: AlertAnswer
    reason: AlertReason = ""


class AcknowledgementBody(BaseModel):
    """`POST /api/v1/alerts/{id}/acknowledgements`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    note: str = Field("", max_length=LONGEST_NOTE)


class ApprovalBody(BaseModel):
    """`POST /api/v1/policies/{id}/approvals`."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


_Model = TypeVar("_Model", bound=BaseModel)


async def _body(request: Request) -> bytes:
    kept = b""
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > LARGEST:
            raise HTTPException(413, f"the body is larger than {LARGEST:,} bytes")
    return kept


Body = Annotated[bytes, Depends(_body)]


async def _form(body: Body) -> dict[str, str]:
    """The fields of a form as browsers send it; of a field sent twice, the last."""
    try:
        fields = dict(parse_qsl(body.decode("ascii"), max_num_fields=_FIELDS))
    except ValueError as error:
        raise HTTPException(400, "the body is not a form") from error
    if any("\0" in value for value in fields.values()):  # see NoNul
        raise HTTPException(400, "the body is not a form: a field holds a NUL")
    return fields


Form = Annotated[dict[str, str], Depends(_form)]


def read_json(body: bytes, model: type[_Model]) -> _Model:
    """Raises HTTPException, one line: 400 where it is no JSON, 422 where fields do not fit."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        status = 400 if fault["type"] == "json_invalid" else 422
        place = one_line(".".join(str(part) for part in fault["loc"]), 80) or "body"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise HTTPException(status, f"{place}: {fault['msg']}{more}") from None
