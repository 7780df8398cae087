"""What differs between our diagrams, with FEEL, and those for the library as shipped, with Python."""

from xml.sax.saxutils import escape

from tests.oracle.blocks import ROUNDS, Loop, Multi


class Feel:
    """Our dialect."""

    lanes = True

    def equals(self, name: str, number: int) -> str:
        return f"{name} = {number}"

    def again(self, block: Loop) -> str:
        return f"{block.reads} = 1 and {block.name} < {ROUNDS}"

    def turned(self, name: str) -> str:
        """0 becomes 2, 1 becomes 0, 2 becomes 1."""
        return f"if {name} = 0 then 2 else {name} - 1"

    def loop(self, block: Multi) -> str:
        collection = "[1, 2, 3]" if block.size is None else str([*range(1, block.size + 1)])
        if block.size is None:
            collection += f"[item <= {block.reads}]"
        attributes = f'tx:collection="{escape(collection)}" isSequential="{str(block.sequential).lower()}"'
        if block.keeps:
            attributes += f' tx:output="{block.name}out"'
        until = f"numberOfCompletedInstances >= {block.enough}" if block.enough else ""
        until = until and f"<completionCondition>{escape(until)}</completionCondition>"
        return f"<multiInstanceLoopCharacteristics {attributes}>{until}</multiInstanceLoopCharacteristics>"


class Python(Feel):
    """The library's own."""

    lanes = False

    def equals(self, name: str, number: int) -> str:
        return f"{name} == {number}"

    def again(self, block: Loop) -> str:
        return f"{block.reads} == 1 and {block.name} < {ROUNDS}"

    def turned(self, name: str) -> str:
        return f"2 if {name} == 0 else {name} - 1"

    def loop(self, block: Multi) -> str:
        return (
            f'<multiInstanceLoopCharacteristics isSequential="{str(block.sequential).lower()}">'
            f"<loopCardinality>{block.size}</loopCardinality></multiInstanceLoopCharacteristics>"
        )
