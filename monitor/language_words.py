"""Words that give a language away: the small ones, which no headline's names are made of.

Hand-picked. What is spelt like an English word ("die", "war", "come", "per") is left out, and so is
what English headlines carry in names ("van", "de", "la", "los"): of two errors, counting a foreign
headline is the smaller.
"""

from __future__ import annotations

ENGLISH = frozenset(
    "the of and to for with from by at as on is are its it's after will that how why what says say "
    "this you your their they who about into than could would should not be been has have an up "
    "amid against over new more but can his her he she we us our out off before while when".split()
)

FOREIGN = frozenset(
    # German
    "der das den dem ein eine einen einem einer eines und nicht mit für von zum zur vom auf aus "
    "bei nach vor wird werden wurde wurden sich ist sind auch noch nur mehr als wie über unter "
    "gegen durch ohne zwischen seit trotz wegen beim kein keine neue neuer neuen wenn aber oder "
    "schon wollen soll kann können muss müssen macht weiter wieder ihre seine "
    # French
    "les une du au aux et sont dans sur avec ses ces cette qui que pas ne leur leurs selon "
    "après avant entre mais ou où vers chez contre très être été sera ont deux nouveau nouvelle "
    "fait faire grâce dès depuis malgré "
    # Spanish
    "el del al una unos unas por para su sus se lo más pero como este esta entre sobre hasta "
    "desde según tras está están fue ser sin qué cómo años año muy también nuevo nueva "
    # Italian
    "il lo gli della delle degli dei dello nel nella nelle negli sul sulla dalla dalle alla "
    "alle agli che di è sono più anche dopo contro tra fra si suo sua questo questa oltre ecco "
    "ai nuovo nuova "
    # Portuguese
    "os uma um da dos das na nas nos pelo pela ao aos não são mais mas após até seu sua "
    "também já foi diz "
    # Dutch
    "het een niet voor naar bij uit ook maar zijn wordt worden werd meer dan nog tegen "
    "deze dit wel geen om te aan tot jaar nieuwe zich hun "
    # Swedish, Danish, Norwegian
    "och att det som är för på av inte med har kan om ett från efter vid blir nya ska mot "
    "og ikke til fra som et er af nye etter mot skal vil ved blir bliver "
    # Finnish, Estonian, Hungarian
    "ja ei että mutta kun myös oli ovat yli uusi vuoden mukaan eest kui oma uue az egy és nem "
    "hogy meg már csak lesz után ezt volt "
    # Polish, Czech, Slovak, Croatian
    "nie się na jest za dla przez od ze że po jak już są czy ale będzie oraz przed przy pod "
    "je se že jako při podle není bude které už byl sa alebo ako aj pri sú su kako koji iz "
    # Romanian, Turkish, Indonesian, Catalan, Vietnamese
    "și în la pe cu din nu pentru mai este sunt fost după bir bu için ile olarak daha da "
    "yeni sonra dan yang untuk dengan pada tidak akan dari ini itu dalam oleh els amb és "
    "của và các cho với được không một là có người những".split()
)
