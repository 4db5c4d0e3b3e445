"""Honours: what volunteers' verified work shows of them, and how it is thanked for.

Everything is counted whole from the work that is verified now, whenever something of a person was
settled (`counting.py`): nothing is ever added up, so nothing can drift. Levels unlock, badges and
streaks cheer, leagues rank units; none of them is worth a coin, and none of them shames.
"""

from honours.badges.badge import Badge
from honours.badges.badge_held import BadgeHeld, BadgeState
from honours.badges.badge_lists import SeenBadge, badge_seen, badges_of, badges_seen
from honours.badges.badge_rules import MAX_AT_LEAST, MAX_SET, MEASURES, RULES, SETS
from honours.badges.defining_badges import badge_of, newest_badges, put_badge
from honours.badges.giving_badges import give_badge, hide_badge, revoke_badge
from honours.badges.held_badge import HeldBadge
from honours.certificates.certificate_page import PrintedCertificate, certificate_html
from honours.certificates.certifying_service import MOST_KINDS, certify_service
from honours.certificates.held_certificates import (
    OwnCertificate,
    OwnCertificatePage,
    certificate_to_print,
    own_certificate,
    own_certificates,
    take_back_certificate,
)
from honours.certificates.proof_page import proof_html
from honours.certificates.proving_certificates import (
    CertificateKey,
    CertificateNotFound,
    CertificateStanding,
    ProvenCertificate,
    certificate_keys,
    is_name_of,
    proven_certificate,
)
from honours.certificates.service_certificate import (
    CertificateState,
    RevokedBecause,
    ServiceCertificate,
)
from honours.commendations.commendation import (
    Commendation,
    CommendationKind,
    CommendationState,
    ShownName,
)
from honours.commendations.commending import (
    LONGEST_FOUND,
    award_commendation,
    check_commendation,
    decline_commendation,
    withdraw_commendation,
)
from honours.commendations.consenting import give_consent, take_consent_back
from honours.commendations.nominating import LONGEST_TITLE, LONGEST_WORDS, nominate
from honours.commendations.seen_commendations import (
    CommendationSide,
    PublicCommendation,
    PublicPage,
    SeenPage,
    commendations_by_unit,
    commendations_of_unit,
    own_commendations,
    public_commendations,
    published_commendations,
    seen_after,
    seen_commendation,
)
from honours.counting import recount_person
from honours.leagues.checking_seasons import season_check
from honours.leagues.keeping_leagues import keep_leagues
from honours.leagues.league import TEAMS, League, Measure, SeasonLength
from honours.leagues.league_content import LEAGUE_PATTERN
from honours.leagues.league_wish import LeagueWish
from honours.leagues.league_wishes import league_wish_of, put_league_wish
from honours.leagues.own_places import OwnLeagues, OwnPlace, own_leagues
from honours.leagues.population import MOST_RESIDENTS, Population
from honours.leagues.publishing_ranks import publish_ranks
from honours.leagues.putting_leagues import all_leagues, league_of, put_league
from honours.leagues.putting_populations import PopulationChanged, population_of, put_population
from honours.leagues.recounting_season import SeasonRecount, recount_season
from honours.leagues.season import Season, SeasonState
from honours.leagues.season_check import SeasonCheck
from honours.leagues.standing import Standing
from honours.leagues.unit_place import (
    SeasonPage,
    SeasonTop,
    UnitPlace,
    place_in,
    seasons_page,
    top_of,
)
from honours.leagues.unranked_units import UnrankedPage, unranked_page
from honours.levels.defining_levels import MAX_HOURS, MAX_LEVELS, MAX_WEEKS, level_table, put_levels
from honours.levels.level import LevelLine, LevelTable
from honours.levels.streak_freezes import freeze_week
from honours.quests.quest import Quest, QuestPhase, QuestState
from honours.quests.quest_lists import QuestPage, SeenQuest, quests_for, quests_of_unit, seen_quest
from honours.quests.quest_rules import MAX_STEPS, MAX_TIMES
from honours.quests.quests import change_quest, draft_quest, open_quest, quest_of, withdraw_quest
from honours.service import Service
from honours.unit_pages import UnitPageFigures, unit_page
from honours.volunteer_pages import VolunteerPage, volunteer_page

__all__ = [
    "LEAGUE_PATTERN",
    "LONGEST_FOUND",
    "LONGEST_TITLE",
    "LONGEST_WORDS",
    "MAX_AT_LEAST",
    "MAX_HOURS",
    "MAX_LEVELS",
    "MAX_SET",
    "MAX_STEPS",
    "MAX_TIMES",
    "MAX_WEEKS",
    "MEASURES",
    "MOST_KINDS",
    "MOST_RESIDENTS",
    "RULES",
    "SETS",
    "TEAMS",
    "Badge",
    "BadgeHeld",
    "BadgeState",
    "CertificateKey",
    "CertificateNotFound",
    "CertificateStanding",
    "CertificateState",
    "Commendation",
    "CommendationKind",
    "CommendationSide",
    "CommendationState",
    "HeldBadge",
    "League",
    "LeagueWish",
    "LevelLine",
    "LevelTable",
    "Measure",
    "OwnCertificate",
    "OwnCertificatePage",
    "OwnLeagues",
    "OwnPlace",
    "Population",
    "PopulationChanged",
    "PrintedCertificate",
    "ProvenCertificate",
    "PublicCommendation",
    "PublicPage",
    "Quest",
    "QuestPage",
    "QuestPhase",
    "QuestState",
    "RevokedBecause",
    "Season",
    "SeasonCheck",
    "SeasonLength",
    "SeasonPage",
    "SeasonRecount",
    "SeasonState",
    "SeasonTop",
    "SeenBadge",
    "SeenPage",
    "SeenQuest",
    "Service",
    "ServiceCertificate",
    "ShownName",
    "Standing",
    "UnitPageFigures",
    "UnitPlace",
    "UnrankedPage",
    "VolunteerPage",
    "all_leagues",
    "award_commendation",
    "badge_of",
    "badge_seen",
    "badges_of",
    "badges_seen",
    "certificate_html",
    "certificate_keys",
    "certificate_to_print",
    "certify_service",
    "change_quest",
    "check_commendation",
    "commendations_by_unit",
    "commendations_of_unit",
    "decline_commendation",
    "draft_quest",
    "freeze_week",
    "give_badge",
    "give_consent",
    "hide_badge",
    "is_name_of",
    "keep_leagues",
    "league_of",
    "league_wish_of",
    "level_table",
    "newest_badges",
    "nominate",
    "open_quest",
    "own_certificate",
    "own_certificates",
    "own_commendations",
    "own_leagues",
    "place_in",
    "population_of",
    "proof_html",
    "proven_certificate",
    "public_commendations",
    "publish_ranks",
    "published_commendations",
    "put_badge",
    "put_league",
    "put_league_wish",
    "put_levels",
    "put_population",
    "quest_of",
    "quests_for",
    "quests_of_unit",
    "recount_person",
    "recount_season",
    "revoke_badge",
    "season_check",
    "seasons_page",
    "seen_after",
    "seen_commendation",
    "seen_quest",
    "take_back_certificate",
    "take_consent_back",
    "top_of",
    "unit_page",
    "unranked_page",
    "volunteer_page",
    "withdraw_commendation",
    "withdraw_quest",
]
