"""Every name of the protocol's encodings, with a text in it: NAME HEX on each line."""

import encodings.aliases

TEXTS = {
    "utf_8": "plain é 🐶",
    "ascii": "plain",
    "latin_1": "plain \x00 é \x80 \xff",
    "utf_16": "plain é 🐶",
    "utf_16_le": "plain é 🐶",
    "utf_16_be": "plain é 🐶",
}

for codec, text in TEXTS.items():
    names = [name for name, target in encodings.aliases.aliases.items() if target == codec]
    for name in [codec, codec.upper().replace("_", "-"), *names]:
        print(name, text.encode(name).hex())
