"""The headlines of quiet days, and those of a crisis that breaks out."""

from __future__ import annotations

from typing import Any

QUIET = [
    "Granary Union opens a second mill in Orsk",
    "Port of Varna reports record grain exports",
    "Tidewater Bank names new head of research",
    "Regulator publishes consultation on clearing houses",
    "Court sets date for hearing in patent case",
    "Lawyers gather in Lyon for competition law forum",
]
CRISIS = [
    "Regulator opens fraud probe into Halvorsen Marine accounts",
    "Halvorsen Marine sued by creditors over missing cargo",
    "Court freezes accounts of Halvorsen Marine in fraud probe",
    "Police raid Halvorsen Marine offices in bribery investigation",
    "Halvorsen Marine fined record sum over safety breach",
    "Lawsuit accuses Halvorsen Marine directors of fraud",
    "Antitrust probe widens to Halvorsen subsidiaries as losses mount",
    "Regulators suspend Halvorsen Marine licence after breach",
    "Investigation finds Halvorsen hid losses, court papers warn",
    "Halvorsen Marine lawsuit: lenders fear collapse",
    "Prosecutor charges Halvorsen treasurer, probe of fraud deepens",
    "Halvorsen Marine loses court appeal, faces wider fraud investigation",
]


def break_out(papers: Any) -> None:
    papers.titles = {"tidewater": CRISIS[:7], "granary": CRISIS[5:]}
