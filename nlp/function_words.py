"""Words that hold sentences together and say nothing of what is spoken about, by language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def words_of(text: str) -> frozenset[str]:
    """The words of a list, however it is laid out."""
    return frozenset(text.split())


# Own lists of the commonest; each language's are also what it is told by.
LANGUAGES = {
    "en": words_of(
        """
        a about above across after again against all almost along also although always am
        among an and another any anyone anything are around as at be became because been
        before being below between both but by can could did do does doing done down during
        each either else enough even ever every everyone everything few for from further had
        has have having he her here hers herself him himself his how however i if in into is
        it its itself just last least less like many may me might mine more most much must
        my myself near neither next nobody none nor nothing now of off often on once only
        onto or other others our ours out over own per perhaps quite rather really said same
        she should since so some someone something sometimes somewhere soon still such than
        that the their them themselves then there these they this those though through thus
        to too toward towards under until up upon us very via was we well were what whatever
        when whenever where whether which while who whole whom whose why will with within
        would yet you your yours yourself im i'm ive i've i'd i'll it's that's there's
        you're you've we're we've they're they've what's he's she's let's u ur
        """
    ),
    "de": words_of(
        """
        aber als am an auch auf aus bei beim bin bis bitte da damit dann das dass dem den
        denn der des die dies diese dieser dieses doch du durch ein eine einem einen einer
        eines er es euch euer für hab habe haben hat hatte ich ihr ihre im immer in ist ja
        kann können man mein meine meinem meinen meiner mich mir mit nach noch nur ob oder
        ohne schon sehr sein seit sich sie sind so um und uns unser unsere vom von vor war
        warum was weil wenn wer werden wie wieder wir wird wurde zu zum zur über
        """
    ),
    "es": words_of(
        """
        a al algo ante antes aquí así aunque cada como con cuando cuándo cómo de del desde
        donde dónde el ella ellos en entre era es esa ese eso esta estaba este esto está
        están estoy fue ha hace han hasta hay he la las le les lo los me mi mis muy más nos
        o para pero por porque puede puedo que qué se ser si sin sobre son su sus sólo solo
        también te tengo ti tiene todo tu un una uno unos y ya yo
        """
    ),
    "fr": words_of(
        """
        a ai alors après au aucun aussi autre aux avant avec ce ceci cela ces cet cette chez
        comme comment c'est d'un d'une dans de depuis des donc du elle elles en encore est
        et être il ils j'ai je jusque la le les leur leurs lors lui là ma mais me mes moi
        mon même n'est ni nos notre nous on ont ou où par parce peut peux plus pour pourquoi
        puis qu'il quand que quel quelle qui quoi sa sans se ses si son sont sous suis sur
        ta te tout toute toutes tous très tu un une vers vos votre vous y à été
        """
    ),
    "it": words_of(
        """
        a ad ai al alla alle anche c'è che chi ci come con cosa da dal dalla dei del della
        delle di dopo dove e ed era essere fa fare gli ha hai hanno ho i il in io la le lo
        loro ma mi mia mie miei mio molto nel nella noi o ogni per perché però più poi può
        quando quella quello questa questo qui quindi se sei senza si solo sono sta stato su
        sua sul sulla suo tra tutto un una uno vi voi è
        """
    ),
    "nl": words_of(
        """
        aan al alle als altijd bij ben bent daar dan dat de deze die dit door een en er geen
        geeft had heb hebben heeft hem het hier hij hoe hun ik in is ja je jij jullie kan
        kon kunnen maar me meer met mij mijn moet na naar nog nu of om omdat onder ons onze
        ook op over te toch tot u uit uw van veel voor waar waarom wanneer was wat we wel
        werd wie wij wil wordt worden ze zelf zich zijn zo zonder
        """
    ),
    "pt": words_of(
        """
        a ao aos aqui as até com como cada da das de depois do dos e ela ele eles em entre
        era essa esse esta estava este estou está eu foi há isso isto já lhe mais mas me
        mesmo meu minha meus minhas muito na nas no nos nossa nosso num numa não o os ou
        para pela pelo por porque pra quando que quem se sem ser seu sua só são também te
        tem tenho tinha todo tudo um uma você vocês à às é
        """
    ),
}
# Openings, courtesies and words about the asking itself; in English they begin every message.
_FILLER = words_of(
    """
    please thanks thank hi hello hey dear regards cheers sorry ok okay yes yeah yep oh kindly
    got get gets getting give gave given want wanted wants need needed needs know knew tell told
    think thought guess believe say says saying going goes went would've thing things way ways
    lot lots bit kind sort make makes made making let lets use uses used using user users
    customer customers client clients caller called calls asked asks ask asking wondered wonder
    anybody everybody day days today yesterday tomorrow week weeks month months year years time
    times moment morning monday tuesday wednesday thursday friday saturday sunday january
    february march april june july august september october november december new good great bad
    nice better best worse worst issue issues problem problems help helps helped question
    questions ago later maybe probably simply basically anyway two three four five six seven
    eight nine ten first second one ones put take takes took taking taken see seen seeing saw
    etc e.g i.e instead myself constantly completely totally absolutely especially different
    various several certain
    """
)
NEGATIONS = words_of(
    """
    not no never without cannot can't won't doesn't don't didn't isn't aren't wasn't weren't
    hasn't haven't hadn't couldn't wouldn't shouldn't cant wont doesnt dont didnt isnt nicht
    kein keine nie jamais pas sans non nunca sin geen niet senza não sem
    """
)
# After a negation they show a sentence turned round ("hasn't my transaction") or a bare "not the".
POINTERS = words_of(
    """
    i you he she it we they me my your his her its our their the a an this that these those
    there to so as all any very really even just only sure yet been being having
    """
)
# As stops: English ones always; of the others those that cannot be an English word of content.
_ENGLISH_TOO = words_of(
    """
    die war man bin hat ten son sous tout plus sale mine main pour on fa once sole solo per pie
    sin son fue era tu me sur chat pain mes data note date
    """
)
FUNCTION_WORDS = (
    LANGUAGES["en"] | _FILLER | (frozenset().union(*LANGUAGES.values()) - _ENGLISH_TOO)
) - NEGATIONS
_LEAST = 2  # words of a language; one may be a name or a loan


def language_of(words: Sequence[str]) -> str:
    """The language most function words are of, "" when there are too few or no clear winner."""
    counts = Counter(name for word in words for name, known in LANGUAGES.items() if word in known)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _LEAST:
        return ""
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return ""
    return ranked[0][0]
