"""A layer of the territory: the names of its levels, top first, as data."""

from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class Level(EmbeddedDocument):
    """One level of a layer: its key in units, and its name in both languages."""

    key = me.StringField(required=True)
    name = me.StringField(required=True)
    name_en = me.StringField(required=True)


class Layer(Document):
    """A division of the whole ground ("civil", "police") into levels, the largest first."""

    id = me.StringField(primary_key=True)
    levels = me.EmbeddedDocumentListField(Level, required=True)

    meta: dict[str, Any] = {"collection": "layers"}

    @property
    def keys(self) -> list[str]:
        """The keys of the levels, the largest first."""
        return [level.key for level in self.levels]

    def depth_of(self, key: str) -> int:
        """How deep a level lies (0 = largest); ValueError where the layer has no such level."""
        return self.keys.index(key)


def default_layers() -> list[Layer]:
    """The two layers that every new city begins with."""
    named = {
        "civil": [
            ("district", "区", "district"),
            ("street", "街道", "street"),
            ("community", "社区", "community"),
            ("grid", "网格", "grid"),
        ],
        "police": [
            ("branch", "分局", "branch"),
            ("station", "派出所", "station"),
            ("police_grid", "警务网格", "police grid"),
        ],
    }
    return [
        Layer(id=layer, levels=[Level(key=k, name=zh, name_en=en) for k, zh, en in levels])
        for layer, levels in named.items()
    ]
