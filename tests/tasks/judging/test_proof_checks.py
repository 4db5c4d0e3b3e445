"""The checks of proof: what counts, what does not, and why, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from tasks.judging.checks import CHECKS, validate_checks
from tasks.judging.proof import HandedOut, Proof, ProofPhoto
from tests.tasks.judging.cases import HOURS, NOBODY, T0, at, only, place, run, strolling, tells


def photo(x=0.0, y=0.0, *, after_s=600.0, seen=False):
    return ProofPhoto(T0 + after_s, *at(x, y), seen)


def with_photos(*photos, **said):
    return only("photos", said={"count": 2} | said, proof=Proof(photos=photos))


class TestPhotos:
    def test_enough_photos_from_the_place_pass(self):
        result = with_photos(photo(), photo(590))
        assert (result.passed, result.measured, result.needed) == (True, 2, 2)
        assert tells(result) == (
            "2 of your 2 photos count; 2 are needed.",
            "您提交的 2 张照片中有 2 张有效，要求 2 张。",
        )

    def test_each_that_does_not_count_is_told_with_its_reason(self):
        result = with_photos(
            photo(), photo(seen=True), photo(after_s=-3_600), photo(900), photo(-900)
        )
        assert (result.passed, result.measured) == (False, 1)
        assert tells(result) == (
            "1 of your 5 photos count; 2 are needed. Not counted: 2 not from the place, "
            "1 sent before, 1 not from your time on the task.",
            "您提交的 5 张照片中有 1 张有效，要求 2 张。未计入：2 张不在任务地点拍摄、"
            "1 张曾经提交过、1 张不在执行任务期间拍摄。",
        )

    def test_one_that_only_looks_like_an_earlier_one_counts(self):
        alike = ProofPhoto(T0 + 600, *at(0), looks_like_earlier=True)
        assert with_photos(photo(), alike).passed

    def test_a_photo_that_says_neither_when_nor_where_does_not_count(self):
        lat, lon = at(0)
        assert with_photos(ProofPhoto(None, lat, lon), photo()).measured == 1
        assert with_photos(ProofPhoto(T0 + 60, None, None), photo()).measured == 1

    def test_near_may_mean_near_one_of_some_places(self):
        places = [place(0), place(200)]
        near = {"places": places, "within_m": 50}
        assert with_photos(photo(40), photo(160), **near).passed
        assert with_photos(photo(40), photo(100), **near).measured == 1

    @given(st.lists(st.booleans(), max_size=8), st.integers(1, 8))
    def test_it_passes_just_where_enough_are_new(self, seen, count):
        shown = tuple(photo(seen=old) for old in seen)
        result = with_photos(*shown, count=count)
        assert result.measured == seen.count(False)
        assert result.passed == (seen.count(False) >= count)


PLACES = [{"name": "东园小区", "least": 20}, {"name": "西园小区"}, {"name": "北苑"}]


def handing(*lines, **said):
    brought = tuple(HandedOut(*line) for line in lines)
    return only("handed_out", said=said, proof=Proof(handed_out=brought))


class TestHandedOut:
    def test_every_place_reached_passes(self):
        lines = [("传单", "东园小区", 15), ("海报", "东园小区", 5), ("传单", "西园小区", 3)]
        result = handing(*lines, ("传单", "北苑", 1), places=PLACES)
        assert (result.passed, result.measured, result.needed, result.unit) == (
            True,
            3,
            3,
            "places",
        )

    def test_the_places_not_reached_are_named(self):
        result = handing(("传单", "东园小区", 19), ("传单", "西园小区", 3), places=PLACES)
        assert (result.passed, result.measured) == (False, 1)
        english, chinese = tells(result)
        assert english == (
            "You handed out 22; 1 are needed. Not reached, or with too few: 东园小区, 北苑."
        )
        assert chinese == "您共发放 22 份，要求 1 份。未到达或数量不足：东园小区、北苑。"

    def test_only_the_items_asked_for_count(self):
        lines = [("传单", "东园小区", 30), ("雨伞", "东园小区", 30)]
        result = handing(*lines, items=["传单"], least_total=40)
        assert (result.passed, result.measured, result.needed, result.unit) == (
            False,
            30,
            40,
            "items",
        )
        assert handing(*lines, least_total=40).passed

    def test_photos_are_wanted_of_each_place_where_the_check_says_so(self):
        lines = [("海报", "东园小区", 20, 1), ("海报", "西园小区", 1, 0)]
        result = handing(*lines, places=PLACES[:2], photos_per_place=1)
        assert not result.passed
        assert result.measured == 1
        assert "Photos are missing of: 西园小区." in tells(result)[0]
        assert "缺少照片：西园小区。" in tells(result)[1]
        unnamed = handing(*lines, photos_per_place=1)
        assert (unnamed.passed, unnamed.unit) == (False, "items")

    @given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 9)), max_size=9))
    def test_what_is_not_reached_is_what_is_named(self, lines):
        wanted = [{"name": name, "least": 5} for name in "abc"]
        result = handing(*(("x", name, count) for name, count in lines), places=wanted)
        short = [n for n in "abc" if sum(count for name, count in lines if name == n) < 5]
        assert result.passed == (not short)
        assert result.measured == 3 - len(short)
        assert (", ".join(short) in result.reason["en"]) or not short


class TestPeople:
    @pytest.mark.parametrize(("heads", "passed"), [(2, False), (3, True), (9, True)])
    def test_heads_are_counted(self, heads, passed):
        result = only("head_count", said={"least": 3}, proof=Proof(heads=heads))
        assert (result.passed, result.measured, result.needed) == (passed, heads, 3)
        assert tells(result) == (
            f"{heads} took part together; 3 are needed.",
            f"共有 {heads} 人一起参加，要求 3 人。",
        )

    CREW = {
        "crew": [
            {"crew_role": "station_squad"},
            {"crew_role": "uniformed_guard", "at_least": 2},
        ]
    }

    def test_a_crew_of_the_right_make_up_passes(self):
        crew = {"station_squad": 1, "uniformed_guard": 3}
        result = only("make_up", said=self.CREW, proof=Proof(crew=crew))
        assert (result.passed, result.measured, result.needed) == (True, 3, 3)
        assert tells(result) == ("The crew was complete.", "人员组成符合要求。")

    def test_who_is_missing_is_named_in_words(self):
        result = only("make_up", said=self.CREW, proof=Proof(crew={"uniformed_guard": 1}))
        assert (result.passed, result.measured) == (False, 1)
        assert tells(result) == (
            "The crew is not complete; missing: members of the station's squad (1), "
            "uniformed guards (1).",
            "人员不齐，缺少：派出所机动队员（1 人）、着装保安（1 人）。",
        )

    def test_ten_of_one_kind_do_not_stand_for_another(self):
        result = only("make_up", said=self.CREW, proof=Proof(crew={"uniformed_guard": 10}))
        assert (result.passed, result.measured) == (False, 2)


class TestTest:
    @pytest.mark.parametrize(("share", "passed"), [(0.79, False), (0.8, True), (1.0, True)])
    def test_enough_right_answers_pass(self, share, passed):
        result = only("test", proof=Proof(test_share=share))
        assert (result.passed, result.measured, result.needed) == (passed, share, 0.8)
        assert f"{share * 100:g} %" in tells(result)[0]
        assert "正确率" in tells(result)[1]

    def test_no_test_is_told_as_none(self):
        result = only("test")
        assert not result.passed
        assert tells(result) == (
            "You have not taken the test; 80 % right is needed.",
            "您尚未参加测试，要求正确率 80 %。",
        )


def attending(*after_s, **said):
    return only(
        "attendance", said=said, proof=Proof(attended_at=tuple(T0 + one for one in after_s))
    )


class TestAttendance:
    def test_once_within_the_hours_passes(self):
        result = attending(10)
        assert (result.passed, result.measured, result.unit) == (True, 1, "times")

    @pytest.mark.parametrize("after_s", [-901, HOURS[1] - T0 + 1])
    def test_too_early_and_too_late_do_not_count(self, after_s):
        result = attending(after_s)
        assert (result.passed, result.measured) == (False, 0)
        assert tells(result) == (
            "Your attendance was recorded 0 times within the hours; 1 are needed.",
            "规定时间内共签到 0 次，要求 1 次。",
        )

    def test_reading_the_code_twice_in_a_minute_is_once(self):
        assert attending(0, 60, 120, times=2).measured == 1
        assert attending(0, 60, 300, times=2).passed
        assert attending(0, 60, times=2, apart_s=30).passed

    @given(st.lists(st.floats(-2_000, 9_000), max_size=8), st.floats(1, 3_000))
    def test_no_two_that_count_are_nearer_than_asked(self, moments, apart):
        counted = attending(*moments, times=20, apart_s=apart).measured
        assert counted <= 1 + (HOURS[1] - T0 + 900) / apart


class TestLogAndConfirmation:
    @pytest.mark.parametrize(
        ("after_s", "passed"), [(None, False), (-120, False), (600, True), (14_400, True)]
    )
    def test_a_duty_is_closed_by_its_log(self, after_s, passed):
        logged_at = None if after_s is None else T0 + after_s
        assert only("duty_log", proof=Proof(logged_at=logged_at)).passed is passed

    def test_a_log_too_late_and_none_at_all_are_told_apart(self):
        late, none = only("duty_log", proof=Proof(logged_at=T0 + 14_401)), only("duty_log")
        assert not late.passed
        assert "time allowed after the end" in tells(late)[0]
        assert tells(none) == ("The duty log was not written.", "尚未填写值守日志。")

    @pytest.mark.parametrize(
        ("confirmed", "outcome"),
        [(None, "needs_review"), (True, "verified"), (False, "refused")],
    )
    def test_confirmation_waits_for_a_person_and_follows_their_word(self, confirmed, outcome):
        proof = Proof(confirmed=confirmed)
        judgement = run(strolling(), "confirmation", "plausible_speed", proof=proof)
        assert judgement.outcome == outcome
        assert judgement.checks[0].awaits == (confirmed is None)
        assert all(judgement.checks[0].reason.values())

    def test_what_failed_is_refused_without_waiting_for_a_word(self):
        judgement = run(
            strolling(), "confirmation", {"check": "photos", "parameters": {"count": 1}}
        )
        assert judgement.outcome == "refused"
        assert judgement.reason["en"] == "1 of 2 conditions are not met."


class TestWithoutATrack:
    PROOF = Proof(attended_at=(T0 + 60,), test_share=0.9)

    def test_what_needs_no_track_does_not_fail_for_lack_of_one(self):
        judgement = run(NOBODY, "start_on_time", "attendance", "test", proof=self.PROOF)
        assert judgement.outcome == "verified"
        assert all(result.passed for result in judgement.checks)

    def test_checks_of_proof_are_judged_where_the_track_cannot_be(self):
        judgement = run(NOBODY, "attendance", "test", "plausible_speed", proof=self.PROOF)
        assert judgement.outcome == "refused"
        assert [result.passed for result in judgement.checks] == [True, True, False]
        assert judgement.checks[2].reason["en"] == "No positions were received."

    def test_bad_signal_does_not_excuse_a_missing_photo(self):
        poor = strolling()
        poor.accuracy_m[:] = 400
        photos = {"check": "photos", "parameters": {"count": 1}}
        time = {"check": "inside_time", "parameters": {"min_s": 600}}
        assert run(poor, time).outcome == "needs_review"
        assert run(poor, time, photos).outcome == "refused"

    def test_no_check_of_proof_looks_at_the_track(self):
        of_proof = {name for name, kind in CHECKS.items() if not kind.of_track}
        assert of_proof == {
            "start_on_time",
            "photos",
            "handed_out",
            "head_count",
            "make_up",
            "test",
            "attendance",
            "duty_log",
            "confirmation",
        }


class TestAskingForProof:
    @pytest.mark.parametrize(
        ("check", "parameters", "field"),
        [
            ("photos", {}, "count"),
            ("photos", {"count": 1.5}, "count"),
            ("photos", {"count": 1, "places": [{"lat": 99, "lon": 0}]}, "places.0"),
            ("handed_out", {"items": "传单"}, "items"),
            ("handed_out", {"items": ["a", "a"]}, "items"),
            ("handed_out", {"items": ["\u202e"]}, "items"),
            ("handed_out", {"places": [{"name": "a"}, {"name": " a "}]}, "places"),
            ("handed_out", {"places": [{"name": "a", "least": 0}]}, "places.0"),
            ("handed_out", {"places": [{"name": "a", "least": True}]}, "places.0"),
            ("handed_out", {"places": [{"name": "a", "more": 1}]}, "places.0"),
            ("handed_out", {"places": [{"name": "x" * 81}]}, "places.0"),
            ("handed_out", {"least_total": 0}, "least_total"),
            ("head_count", {}, "least"),
            ("make_up", {}, "crew"),
            ("make_up", {"crew": []}, "crew"),
            ("make_up", {"crew": [{"crew_role": "Teacher"}]}, "crew.0"),
            ("make_up", {"crew": [{"crew_role": "teacher", "at_least": 101}]}, "crew.0"),
            ("test", {"min_share": 0}, "min_share"),
            ("test", {"sheet_id": 5}, "sheet_id"),
            ("attendance", {"times": 21}, "times"),
            ("duty_log", {"until_s": -1}, "until_s"),
            ("confirmation", {"by": "me"}, "by"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_its_place(self, check, parameters, field):
        with pytest.raises(Invalid) as refusal:
            validate_checks([{"check": check, "parameters": parameters}])
        assert refusal.value.field.startswith(f"checks.0.parameters.{field}")
        assert refusal.value.say("en") != refusal.value.say("zh-CN")

    def test_defaults_are_filled_in_and_stay(self):
        asked = [
            {"check": "photos", "parameters": {"count": 1}},
            {"check": "handed_out", "parameters": {"places": [{"name": " 东园 "}]}},
            {"check": "test"},
        ]
        checks = validate_checks(asked)
        assert checks[1]["parameters"]["places"] == [{"name": "东园", "least": 1}]
        assert checks[2]["parameters"] == {"min_share": 0.8, "sheet_id": None}
        assert validate_checks(checks) == checks
