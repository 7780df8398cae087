"""`make words`: brings the catalogue up to date with the texts; what is new waits in it for its English."""

from tests.words import catalogue

new, gone = catalogue.update()
for text in gone:
    print(f"- {text}")
for text in new:
    print(f"+ {text}")
print(f"{catalogue.PATH}: {len(gone)} removed, {len(new)} to translate")
