# Pairs of strings and what rapidfuzz says of them, for COPY: an oracle for the
# measures of similarity that shares no code with them.
#
#   python3 similarity.py NUMBER
#
# Columns: the strings, a bound, Jaro-Winkler, Levenshtein and optimal string
# alignment each without and with the bound, the similarity of sorted words, and
# fuzz.token_sort_ratio.  The last is NULL where it does not split words as it says:
# rapidfuzz takes U+0085 and U+00A0 for letters in strings without characters above
# U+00FF, and for blanks in others.  Always the same pairs for the same NUMBER.

import random
import sys

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, JaroWinkler, Levenshtein, OSA

choice = random.Random(20240229)

ALPHABETS = [
    "ab", "abc", "abcd ", "abcdefghijklmnopqrstuvwxyz ",
    "".join(map(chr, range(33, 127))),
    "äöüßéèçñåøæ ABCabc", "абвгдежзийклмнопрстуфхцчшщъыьэюя ", "αβγδεζηθικλμ ",
    "".join(map(chr, range(0x4E00, 0x4E80))), "한국어이름김박최정 ",
    "a\u0301e\u0308o\u0302", "😀😁😂🤣a b", "aé漢😀 ",
    "".join(map(chr, list(range(0x80, 0x100)) + list(range(0x600, 0x680)))),
]
BLANKS = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
FIRST = ("Anna Maria José Jürgen Siobhán Александр Παναγιώτης 山田 Wei Mohammed Jean-Luc "
         "Olga Bob Robert William Bill Elisabeth Liz Łukasz Zoë Ngọc").split()
LAST = ("Müller Mueller Smith Smyth O'Brien García Иванов Παπαδόπουλος 太郎 Nguyễn van der "
        "Berg MacDonald McDonald Schäfer Sørensen Şahin Žižek Lee Li").split()
COMPANY = ("Acme Corporation Holding International GmbH Ltd Limited Inc & Co KG Bank of America "
           "Société Générale Ωmega Systems Services Group 株式会社 ООО").split()


def text(length, alphabet):
    return "".join(choice.choices(alphabet, k=length))


def random_text():
    return text(choice.randint(0, 200), choice.choice(ALPHABETS))


def edited(s, edits):
    """A copy with so many typing errors: also exchanges, and words moved."""
    alphabet = choice.choice(ALPHABETS)
    s = list(s)
    for _ in range(edits):
        i = choice.randint(0, len(s))
        kind = choice.randint(0, 4)
        if kind == 0:
            s.insert(i, choice.choice(alphabet))
        elif kind == 1 and i < len(s):
            del s[i]
        elif kind == 2 and i < len(s):
            s[i] = choice.choice(alphabet)
        elif i + 1 < len(s):
            s[i], s[i + 1] = s[i + 1], s[i]
    return "".join(s)


def name():
    words = [choice.choice(FIRST)]
    words += choice.sample(LAST, choice.randint(1, 2))
    if choice.random() < 0.3:
        words = choice.sample(COMPANY, choice.randint(1, 5))
    return words


def two_random():
    return random_text(), random_text()


def same_alphabet():
    alphabet = choice.choice(ALPHABETS)
    return text(choice.randint(0, 200), alphabet), text(choice.randint(0, 200), alphabet)


def short():
    alphabet = choice.choice(ALPHABETS)
    return text(choice.randint(0, 12), alphabet), text(choice.randint(0, 12), alphabet)


def typing_errors():
    s = " ".join(name()) if choice.random() < 0.7 else random_text()
    return s, edited(s, choice.randint(0, 8))


def words_moved():
    words = name() + name()[:choice.randint(0, 2)]
    others = choice.sample(words, choice.randint(max(1, len(words) - 1), len(words)))
    blank = "".join(choice.choices(BLANKS, k=choice.randint(1, 3)))
    return " ".join(words), edited(blank.join(others) + choice.choice(["", " "]), choice.randint(0, 2))


def words_of_any_blank():
    alphabet = choice.choice(ALPHABETS)
    def sentence():
        return "".join(text(choice.randint(0, 5), alphabet) + choice.choice(BLANKS)
                       for _ in range(choice.randint(0, 40)))
    s = sentence()
    return s, choice.choice([sentence(), edited(s, choice.randint(0, 6))])


def ends_of_words():
    """Lengths around those that fill machine words."""
    length = choice.choice([31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 191, 192, 193])
    other = max(0, length + choice.choice([-34, -2, -1, 0, 0, 0, 1, 2, 33]))
    alphabet = choice.choice(ALPHABETS)
    s = text(length, alphabet)
    return s, choice.choice([text(other, alphabet), edited(s, choice.randint(0, 5)), s[:other]])


def repeats():
    unit = text(choice.randint(1, 5), choice.choice(ALPHABETS))
    other = choice.choice([unit, unit[::-1], unit[1:] + unit[:1], edited(unit, 1)])
    return unit * choice.randint(0, 40), edited(other * choice.randint(0, 40), choice.randint(0, 3))


def exchanged():
    s = list(text(choice.randint(2, 200), choice.choice(ALPHABETS)))
    t = s[:]
    i = choice.randint(0, 1)
    step = choice.choice([1, 2, 3, 7])
    while i + 1 < len(t):
        t[i], t[i + 1] = t[i + 1], t[i]
        i += step
    return "".join(s), "".join(t)


def shared_ends():
    alphabet = choice.choice(ALPHABETS)
    before, after = (text(choice.choice([0, 1, 3, 4, 5, 30, 70]), alphabet) for _ in "12")
    return (before + text(choice.randint(0, 70), alphabet) + after,
            before + text(choice.randint(0, 70), alphabet) + after)


KINDS = [two_random, same_alphabet, short, short, typing_errors, typing_errors, words_moved,
         words_of_any_blank, ends_of_words, ends_of_words, repeats, exchanged, shared_ends]


def token_similarity(a, b):
    a, b = (" ".join(sorted(s.split())) for s in (a, b))
    return Indel.normalized_similarity(a, b)


def escaped(s):
    for character, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        s = s.replace(character, escape)
    return s


def row(a, b, bound):
    splits_alike = not set(a + b) & {"\x85", "\xa0"}
    return [escaped(a), escaped(b), bound, JaroWinkler.similarity(a, b),
            Levenshtein.distance(a, b), Levenshtein.distance(a, b, score_cutoff=bound),
            OSA.distance(a, b), OSA.distance(a, b, score_cutoff=bound),
            token_similarity(a, b), fuzz.token_sort_ratio(a, b) if splits_alike else "\\N"]


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for n in range(int(sys.argv[1])):
    a, b = KINDS[n % len(KINDS)]()
    if choice.random() < 0.5:
        a, b = b, a
    distance = Levenshtein.distance(a, b)
    bound = max(0, choice.choice([0, 1, 2, 5, 20, distance - 1, distance, distance + 1, 1000]))
    print(*row(a, b, bound), sep="\t")
