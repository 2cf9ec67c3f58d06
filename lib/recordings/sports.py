"""Words for running and for other sports, in the usual languages of running apps."""
# ruff: noqa: RUF001  letters of other scripts are meant

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lib.core.text import without_accents

NOT_STATED: Final = frozenset(
    {"", "other", "generic", "unknown", "sport", "all", "none", "uncategorized", "activity", "workout", "training"}
    | {"default", "unspecified", "misc", "null", "andere", "sonstiges", "autre", "otro", "altro", "outro"}
)
"""Words that devices write where a sport should stand."""


def _plain(text: str) -> str:
    """Lower case without accents, words with underscores between; scripts that have no accents as they are."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", without_accents(parted).casefold()).strip("_")


# English, German, French, Spanish, Italian, Portuguese, Dutch, the Nordic languages, Polish, Czech, Turkish, Hungarian,
# Indonesian, Russian and Ukrainian, as words.
_RUN: Final = """
run runs running runner track jog jogs jogging jogger trail trailrun trailruns trailrunning ultra ultratrail marathon
halfmarathon treadmill parkrun fell fellrunning trackrun trackrunning skyrunning canicross
lauf laufen laufe laufband laufsport joggen dauerlauf berglauf geländelauf traillauf waldlauf straßenlauf bahnlauf
bahnlaufen volkslauf crosslauf trailrunnen halbmarathon footing courir
correr carrera trote corriendo corrida correndo corredor corsa correre podismo
hardlopen hardloop rennen looptraining loopband baanlopen
löpning löpa löp løping løpe løper løb løbe løbetur løpetur joggning joggetur terränglöpning juoksu juokseminen juoksen
polkujuoksu hlaup hlaupa bieganie bieg biegi biegać bieżnia běh běhání behanie trčanje tek
koşu koşma koşusu futás kocogás lari berlari alergare
бег бега пробежка пробежки беговая трейл трейлраннинг біг пробіжка
"""
# Those of scripts without blanks or with other ways to part words, as parts of a name; and names of several words.
_RUN_PARTS: Final = """
跑 ランニング ジョギング トレラン トレイルラン マラソン
달리기 러닝 조깅 런닝 트레일런 마라톤 วิ่ง chạy_bộ दौड جري ركض ריצה τρέξιμο
course_à_pied course_sur course_en course_de_montagne courses_à_pied
"""
_OTHER: Final[Mapping[str, tuple[str, str]]] = {
    "cycling": (
        """
        cycling biking bike biker ride rides riding ebike ebikeride virtualride bicycle mtb bmx handcycle handcycling
        mountainbike mountainbiking mountainbiken gravelride spinning rad radfahren radsport radtour fahrrad
        fahrradfahren rennrad vélo cyclisme vtt cyclotourisme bicicleta ciclismo bici bicicletta fietsen wielrennen
        fiets cykling cykla cykel sykling sykkel pyöräily rower jazda kolo cyklistika bisiklet bersepeda kerékpározás
        велосипед велоспорт велопрогулка
        """,
        "骑行 骑车 自行车 サイクリング 自転車 자전거 사이클",
    ),
    "walking": (
        """
        walk walks walking walker nordicwalking gehen spazieren spaziergang spazierengehen marche marcher caminar
        caminata caminando camminata camminare caminhada caminhar wandelen wandeling promenad gång gåtur gåture kävely
        spacer marsz chodzenie chůze yürüme yürüyüş séta jalan ходьба прогулка
        """,
        "散步 步行 走路 健走 ウォーキング 散歩 걷기 산책",
    ),
    "hiking": (
        """
        hike hikes hiking hiker trekking trek mountaineering backpacking snowshoe snowshoeing wandern wanderung
        bergwandern bergsteigen randonnée rando senderismo excursionismo montañismo escursionismo escursione trilha
        vandring vandra fottur vaellus wędrówka turystyka turistika doğa поход хайкинг треккинг
        """,
        "徒步 登山 爬山 ハイキング 등산 하이킹",
    ),
    "swimming": (
        """
        swim swims swimming openwater schwimmen freiwasserschwimmen natation nage natación nadar nuoto nuotare natação
        zwemmen simning svømning svømming uinti pływanie plavání yüzme úszás berenang плавание
        """,
        "游泳 水泳 スイミング 수영",
    ),
    "skiing": (
        """
        ski skiing skier skitour skitouren skifahren skilanglauf langlauf backcountryski crosscountryskiing skating
        alpineskiing nordicski snowboard snowboarding inline inlineskating inlineskaten rollerskiing iceskating
        eislaufen schlittschuhlaufen rollski esquí sci skiën skidor langrenn hiihto narty lyže лыжи сноуборд
        """,
        "滑雪 スキー 스키",
    ),
    "rowing": (
        """
        rowing row kayak kayaking canoeing paddling paddle surfing surf sailing sail windsurfing kitesurfing boating
        rudern kajak kanu segeln aviron remo canottaggio roeien
        """,
        "划船 ローイング",
    ),
    "fitness": (
        """
        yoga pilates strength weight weights weighttraining strengthtraining crossfit fitness fitnessequipment gym
        cardio elliptical stairstepper stairclimbing climbing rockclimbing bouldering klettern hiit krafttraining
        musculation musculación tennis soccer football fußball golf basketball badminton horseback flying driving
        motorcycling motorcycle transition multisport triathlon diving dancing boxing ergometer wheelchair
        """,
        "瑜伽 ヨガ 筋トレ 요가",
    ),
}
_RUN_WORDS: Final = frozenset(map(_plain, _RUN.split()))
_RUNNING_PARTS: Final = tuple(map(_plain, _RUN_PARTS.split()))
_VAGUE: Final = frozenset({"trail", "track", "fell", "ultra"})
"""Words for running only if no other sport stands beside them."""
_OTHER_WORDS: Final = {_plain(word): sport for sport, (words, _) in _OTHER.items() for word in words.split()}
_OTHER_PARTS: Final = {_plain(part): sport for sport, (_, parts) in _OTHER.items() for part in parts.split()}
_KEPT: Final = frozenset({"skiing", "rowing", "fitness"})
"""Families of which a file's own word says more."""


def sport_name(text: object) -> str:
    """Sport as `lib.recordings.formats.activity.Activity.sport` has it.

    ``"Trail Run"``, ``"Laufen"``, ``"跑步"`` → ``"running"``; ``"Other"`` → ``""``; an unknown word as it is, in lower
    case with underscores.
    """
    name = _plain(str(text or ""))
    if name in NOT_STATED:
        return ""
    words = set(name.split("_")) | {name.replace("_", "")}
    other = _other(name, words)
    if other and not words & (_RUN_WORDS - _VAGUE):
        return name[:60] if other in _KEPT else other
    if words & _RUN_WORDS or any(part in name for part in _RUNNING_PARTS):
        return "running"
    return other or name[:60]


def is_known(sport: str) -> bool:
    """Whether a name that `sport_name` gives is that of a sport known here; others are judged by their motion."""
    return not sport or sport == "running" or bool(_other(sport, set(sport.split("_")) | {sport.replace("_", "")}))


def _other(name: str, words: set[str]) -> str:
    for word in sorted(words):
        if word in _OTHER_WORDS:
            return _OTHER_WORDS[word]
    return next((sport for part, sport in _OTHER_PARTS.items() if part in name), "")
