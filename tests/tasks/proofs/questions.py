"""The questions of a sample sheet."""

QUESTIONS = [
    {"text": "报警电话？", "options": ["110", "119", "120", "122"], "right": [0]},
    {"text": "哪些是诈骗？", "options": ["刷单", "中奖", "缴电费"], "right": [1, 0]},
]
