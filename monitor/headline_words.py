"""The English of headlines, as far as telling one story from another needs it.

Words of one line mean the same move. Lines named `x+` and `x-` are opposites: two headlines that
differ in them report two events, however alike they look.
"""

from __future__ import annotations

_MOVES = """
price+: rise rises rising rose risen gain gains gained gaining climb climbs climbed climbing jump
price+: jumps jumped jumping surge surges surged surging soar soars soared soaring rally rallies
price+: rallied rallying advance advances advanced up higher rebound rebounds rebounded
price+: recover recovers recovered grow grows grew growth increase increases increased
price+: spike spikes spiked rocket rockets firm firmer strengthen strengthens bullish
price-: fall falls falling fell fallen drop drops dropped dropping slide slides slid sliding slip
price-: slips slipped slipping slump slumps slumped slumping plunge plunges plunged plunging tumble
price-: tumbles tumbled tumbling sink sinks sank sinking dive dives dived decline declines declined
price-: down lower retreat retreats retreated shrink shrinks shrank decrease decreases decreased
price-: crash crashes crashed plummet plummets plummeted weaken weakens dip dips dipped bearish
result+: beat beats beating tops topped exceed exceeds exceeded outperform outperforms surpass
result-: miss misses missed missing lag lags lagged underperform underperforms disappoint
rating+: upgrade upgrades upgraded
rating-: downgrade downgrades downgraded
level+: raise raises raised raising hike hikes hiked lift lifts lifted boost boosts boosted
level-: cut cuts cutting lowers lowered trim trims trimmed slash slashes slashed reduce
level-: reduces reduced
deal+: buy buys buying bought acquire acquires acquired acquiring purchase purchases purchased
deal-: sell sells selling sold divest divests divested offload offloads
court+: win wins won winning
court-: lose loses lost losing
consent+: approve approves approved approval accept accepts accepted agree agrees
consent+: confirm confirms confirmed agreed clear clears cleared
consent-: reject rejects rejected rejection block blocks blocked deny denies denied refuse refuses
consent-: refused oppose opposes opposed
state+: start starts started begin begins began launch launches launched open opens opened resume
state+: resumes resumed
state-: stop stops stopped end ends ended halt halts halted close closes closed suspend suspends
state-: suspended
staff+: hire hires hired appoint appoints appointed names named
staff-: fire fires fired oust ousts ousted resign resigns resigned quit quits
result-kind+: profit profits profitable
result-kind-: loss losses
side+: above
side-: below
say: say says said
see: see sees saw expect expects expected forecast forecasts estimate estimates
plan: plan plans planned intend intends weigh weighs consider considers mull mulls
report: report reports reported post posts posted
probe: probe probes investigation investigates investigate inquiry
talks: talks negotiations discussions
sue: sue sues sued lawsuit lawsuits
deal: takeover merger acquisition buyout
"""
_NEGATIONS = "no not never without cannot isn't won't doesn't didn't can't"
_STOP_WORDS = (
    "a an the of in on at to for from by with as and or but is are was were be been has have had "
    "it its this that these his her their will would may might could can into after amid than "
    "then so about s pct percent per cent via new"
)
# Words that name no one. A changed word outside this list and in capitals is taken for a name.
_COMMON = (
    "share shares stock stocks market markets quarter quarterly annual year month week day results "
    "result earnings revenue sales outlook guidance forecast target price prices rate rates bank "
    "company firm group maker giant unit chief executive ceo cfo chairman board investor investors "
    "analyst analysts trader traders fund funds bond bonds debt credit dividend offer bid stake "
    "billion million bln mln trillion dollar dollars demand supply output production data report "
    "source sources official officials government regulator regulators court judge lawsuit fine "
    "strong weak strongly weakly sharply slightly record high low biggest largest first second "
    "third fourth last next more less most least big huge major massive surprise unexpected "
    "warning fears concerns hopes worries risk risks crisis deal talks plan plans move moves amid "
    "ahead early late today tomorrow yesterday monday tuesday wednesday thursday friday saturday "
    "sunday key top global world international national local update live breaking why how "
    "what when where who here there now still again also just only some all many few two three "
    "four five six seven eight nine ten half double triple despite due because following before "
    "during until since while between against off out back further make makes made take takes took "
    "get gets got give gives gave hit hits face faces faced set sets job jobs worker workers oil "
    "gas gold crude tech banks lender lenders retailer carmaker automaker chipmaker "
    "drugmaker airline insurer miner utility startup wall street weigh weighs sends send sent "
    "concern fear slowdown recession inflation"
)


def _groups() -> dict[str, str]:
    groups: dict[str, str] = {}
    for line in _MOVES.strip().splitlines():
        name, _, words = line.partition(": ")
        groups.update(dict.fromkeys(words.split(), f"={name}"))
    return groups


GROUPS = _groups()
STOP_WORDS = frozenset(_STOP_WORDS.split())
NEGATIONS = frozenset(_NEGATIONS.split())
COMMON = frozenset(_COMMON.split()) | GROUPS.keys() | STOP_WORDS | NEGATIONS
OPPOSITE = {
    group: group[:-1] + ("-" if group.endswith("+") else "+")
    for group in set(GROUPS.values())
    if group[-1] in "+-"
}
