"""What members of a crew are called in sentences: roles of the programme, helpers, school duty."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.i18n import Text

CREW_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        # Roles held at a unit.
        "resident": Text("residents", "居民"),
        "captain": Text("captains", "队长"),
        "grid_member": Text("grid members", "网格员"),
        "police_officer": Text("police officers", "民警"),
        "auxiliary": Text("auxiliaries", "辅警"),
        "centre_officer": Text("centre officers", "综治中心工作人员"),
        # Kinds of helper.
        "intelligence_informant": Text("intelligence informants", "情报信息员"),
        "hazard_inspector": Text("hazard inspectors", "隐患排查员"),
        "dispute_mediator": Text("dispute mediators", "矛盾调解员"),
        "peace_guard": Text("peace guards", "平安守护员"),
        "emergency_responder": Text("emergency responders", "应急处置员"),
        "public_servant": Text("public servants", "便民服务员"),
        "social_governor": Text("social governors", "社会治理员"),
        "policy_publicist": Text("policy publicists", "政策宣传员"),
        # Mixed patrols and school duty, "3+N".
        "station_squad": Text("members of the station's squad", "派出所机动队员"),
        "uniformed_guard": Text("uniformed guards", "着装保安"),
        "school_leader": Text("school leaders", "校领导"),
        "teacher": Text("teachers", "教师"),
        "school_guard": Text("school guards", "校园保安"),
        "city_management": Text("city management officers", "城管人员"),
        "parents_committee": Text("members of the parents' committee", "家委会成员"),
    }
)


def crew_text(crew_role: str) -> Text:
    """The role in words; one that is not known here is said as it was written."""
    return CREW_WORDS.get(crew_role) or Text(crew_role, crew_role)
