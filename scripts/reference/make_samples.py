#!/usr/bin/env python3
"""Writes the three sample sets of train_data/samples and test_data/samples.

Synthetic: every sentence comes from the banks below, written for this project; nobody's post is in them. The layout is IMHI's,
with the traps that real files have (listed in train_data/samples/README.md). The same script gives the same bytes.

    python3 scripts/reference/make_samples.py [ROOT]
"""
import csv, io, json, os, sys


class Dice:
    """A 64-bit linear congruential generator: its numbers do not depend on the Python version."""

    def __init__(self, seed):
        self.state = seed
        self.novel = False

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def pick(self, bank):
        return bank[self.below(len(bank))]

    def known(self, bank):
        """Like pick, but outside the test rows the last quarter of a bank stays unused: tests ask for more than recall."""
        return bank[self.below(len(bank) if self.novel else len(bank) - max(1, len(bank) // 4))]

    def chance(self, percent):
        return self.below(100) < percent

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


WHEN = ["This week", "Since Monday", "Lately", "For a month now", "Today", "After the holidays", "Since we moved", "Most evenings"]
WHO = ["my sister", "a colleague", "my neighbour", "an old friend", "my cousin", "my flatmate", "my manager", "somebody in my class"]
WHAT = ["the move", "a course on pottery", "the new timetable", "our garden", "a long train ride", "the school play", "a report for Friday",
        "the kitchen shelves", "a birthday dinner", "the bicycle repair", "my driving lessons", "the choir rehearsal"]
ASIDE = ["It rained the whole time.", "The dog slept through it.", "I made soup afterwards.", "We took the early bus.", "I wrote it all down.",
         "The library was closed.", "I keep a list on the fridge.", "There was tea at least.", "The radio was on.", "Not sure why I am posting this."]

# Binary sets. "yes" and "no" share their subjects and many words, so single words do not settle the label.
STRESS = {
    "question": "Does the poster suffer from stress?",
    "verdict": {"yes": "Yes, the poster suffers from stress.", "no": "No, the poster does not suffer from stress."},
    "post": {
        "yes": ["I lie awake going over {what} again and again.", "my shoulders are tight before I even open the door.", "every message about {what} makes my heart race.",
                "I snapped at {who} over nothing and cannot calm down.", "there is no pause between one task and the next, and {what} is still open.",
                "I keep checking the clock and I still run late with {what}.", "I have a headache by noon and {what} is only half done.",
                "I said I was fine to {who}, but I cannot keep up.", "the thought of {what} makes me want to hide under a blanket.", "I forgot to eat again because of {what}."],
        "no": ["I finished {what} early and slept well.", "{who} helped me with {what} and we laughed a lot.", "I was worried about {what}, but it turned out easy.",
               "there is a lot to do for {what}, and I rather enjoy it.", "I took a slow walk and thought about {what}.", "{who} asked about {what} and I was glad to explain.",
               "the deadline for {what} moved, so there is plenty of time.", "I said no to {who} and felt fine about it.", "{what} went wrong twice and we just started over.",
               "I have a quiet day and only {what} on the list."],
    },
    "evidence": {
        "yes": ["the poster cannot rest because of {what}", "the poster describes a racing heart and tight shoulders", "tasks follow each other without a pause", "the poster snaps at {who} and cannot calm down",
                "the poster skips meals and loses sleep", "the poster cannot keep up with {what}"],
        "no": ["the poster rests well and finishes {what}", "{who} offers help and the poster accepts it gladly", "a worry about {what} is mentioned and then resolved", "the poster has time for a slow walk",
               "setbacks with {what} are taken lightly", "the poster sets a limit with {who} without regret"],
    },
    "reading": {
        "yes": ["These signs point to strain that the poster does not manage to put down.", "Such tension over days goes beyond an ordinary busy time.", "Together they show pressure that has taken hold of body and mood.",
                "The pace leaves no room to recover."],
        "no": ["This shows a poster who copes and recovers.", "The tone stays even, and no lasting pressure is described.", "Effort is mentioned, but it does not weigh on the poster.", "Nothing here goes beyond an ordinary busy time."],
    },
}
LONELINESS = {
    "question": "Does the poster suffer from loneliness?",
    "verdict": {"yes": "Yes, the poster suffers from loneliness.", "no": "No, the poster does not suffer from loneliness."},
    "post": {
        "yes": ["nobody asked me to come along to {what}.", "I talk to the plants because there is no one else at home.", "I cannot think of anyone to tell about {what}.", "{who} stopped writing back and the evenings are long.",
                "I sit in a full room and feel like a coat on a chair.", "my phone has been silent since {what}.", "I miss having someone to eat with, even {who}.", "everyone left for {what} and I stayed behind again.",
                "I cooked for two out of habit.", "I walked past {what} and wished someone would wave."],
        "no": ["{who} called and we talked for an hour about {what}.", "I had the evening to myself and loved the quiet.", "four of us planned {what} together.", "{who} came over with cake.",
               "I stayed behind from {what} by choice and read.", "my phone has not been silent since {what}.", "the neighbours waved when I walked past {what}.", "I ate alone and then met {who} at the corner.",
               "we cooked for ten and it was loud.", "{who} saved me a seat at {what}."],
    },
    "evidence": {
        "yes": ["nobody invites the poster to {what}", "the poster has no one to tell about {what}", "{who} no longer writes back", "the poster feels unseen in a full room", "the poster misses company at meals", "long evenings pass in silence"],
        "no": ["{who} calls and listens", "the poster enjoys an evening alone by choice", "friends plan {what} together", "neighbours greet the poster", "the poster shares meals and visits", "someone keeps a seat for the poster at {what}"],
    },
    "reading": {
        "yes": ["The wish for company stays unanswered.", "Being apart from others is felt as a lack, not as a choice.", "The ties that are mentioned have fallen silent.", "The poster feels left out and says so."],
        "no": ["The ties that are mentioned are warm.", "Time alone is chosen and enjoyed.", "Company is at hand when the poster wants it.", "Nothing shows that the poster feels left out."],
    },
}
CAUSES = {
    "question": "What is the stress cause of this post?",
    "names": ["school", "financial problem", "family issues", "social relationships", "work", "health issues", "emotional turmoil", "everyday decision making", "other causes"],
    "short": ["school", "financial", "family", "social", "work", "health", "emotional", "everyday", "other"],
    "phrases": [["school[s]"], ["financial problem[s]"], ["family issue[s]"], ["social relationship[s]"], ["work"], ["health issue[s]"], ["emotion[al] turmoil[s]"],
                ["everyday decision making"], ["other [stress ]cause[s]"]],
    # How golds name each label: with and without plural, as in the two spellings of the published files.
    "gold": [["school"], ["financial problem", "financial problems"], ["family issues", "family issue"], ["social relationships", "social relationship"], ["work"], ["health issues", "health issue"],
             ["emotion turmoil", "emotional turmoil"], ["everyday decision making"], None],
    "post": [
        ["the exam in chemistry is on Thursday and I am three chapters behind.", "my teacher returned the essay full of red ink.", "the seminar starts at eight and I have not read the text.", "I have two lab reports due and the group does not answer.",
         "I may have to repeat the term."],
        ["the rent went up and I count coins at the till.", "a bill from last winter arrived with a fee on top.", "my card was refused for bread.", "the loan takes half of what I earn.", "I sold my bicycle to pay for the heating."],
        ["my parents argue about me when they think I sleep.", "my brother borrowed the car again without asking.", "my in-laws want us for every holiday.", "my mother calls six times a day to check.", "my daughter has not spoken to her aunt for weeks."],
        ["my best friend took sides against me.", "I did not get a single reply in the group chat.", "we broke up and share the same circle.", "my flatmate tells everybody what I said.", "I never know what to say to people at parties."],
        ["my manager moved the deadline and nobody told me.", "we lost two colleagues and I do three shifts.", "the customer shouted at me over the phone.", "my contract ends in June and nobody says a word.", "I answer the office messages until midnight."],
        ["the test results are late and my knee still swells.", "I cough at night and the doctor is booked out.", "the new tablets make me dizzy.", "my back hurts from the first step.", "the dentist found three things at once."],
        ["I cry in the car and cannot say why.", "my mood turns within a minute.", "I am angry at everything and ashamed after.", "I feel empty after a good day.", "small things set off a wave inside me."],
        ["I stood before the shelf and could not choose a soap.", "I changed my mind about the curtains nine times.", "what to cook, what to wear, it never stops.", "I cannot settle on a date for the move.", "two offers for a phone plan and I am stuck."],
        ["the neighbours drill from seven in the morning.", "there was a mouse in the pantry.", "the parcel got lost for the third time.", "the news has been on all day.", "the lift is broken and nobody comes."],
    ],
    "evidence": [
        ["an exam that the poster is not ready for", "an essay full of corrections", "reports due for a class", "a term that may have to be repeated"],
        ["a rent that went up", "a bill with a fee", "a refused card", "a loan that takes half the income"],
        ["parents who argue", "a brother who takes the car", "in-laws who expect visits", "a mother who calls all day"],
        ["a friend who took sides", "a group chat without a reply", "a break-up within one circle", "not knowing what to say to people"],
        ["a deadline that the manager moved", "shifts of absent colleagues", "a shouting customer", "a contract that ends soon"],
        ["late test results", "a cough at night", "tablets that cause dizziness", "a back that hurts"],
        ["crying without a reason", "a mood that turns at once", "anger and then shame", "a feeling of emptiness"],
        ["a choice between two soaps", "changing one's mind nine times", "what to cook and wear", "a date that cannot be settled"],
        ["drilling next door", "a mouse in the pantry", "a lost parcel", "a broken lift"],
    ],
    "reading": [
        ["The pressure comes from classes and marks.", "Studying is what weighs on the poster."], ["The worry is about paying for things.", "Money is what weighs on the poster."],
        ["The tension is among relatives.", "Things at home with relatives weigh on the poster."], ["The trouble is with friends and company.", "Getting along with others weighs on the poster."],
        ["The pressure comes from the job.", "Duties in the office weigh on the poster."], ["The worry is about the body.", "Symptoms and treatment weigh on the poster."],
        ["The feelings themselves are what overwhelms the poster.", "The poster cannot steady the inner state."], ["Small choices wear the poster out.", "Choosing is what weighs on the poster."],
        ["The trigger is an outside nuisance that fits no other group.", "Circumstances around the poster are to blame."],
    ],
}
HEDGE = ["At first it could be read differently.", "Not every sentence points the same way.", "The post is short.", "Other details are neutral."]


def fill(text, dice):
    text = text.replace("{what}", dice.pick(WHAT)).replace("{who}", dice.pick(WHO))
    return text[0].upper() + text[1:]


def post(bank, dice):
    """Two to four sentences: one or two that bear the label, some that do not."""
    lines = [fill(dice.known(bank), dice)]
    if dice.chance(55):
        lines.append(fill(dice.known(bank), dice))
    if dice.chance(60):
        lines.insert(dice.below(len(lines) + 1), dice.pick(ASIDE))
    lead = f"{dice.pick(WHEN)} it has been about {dice.pick(WHAT)}."
    return " ".join([lead] + lines)


def reasoning(evidence, other, reading, dice):
    first = fill(dice.known(evidence), dice)
    second = fill(dice.known(evidence), dice)
    text = f"The post mentions that {first[0].lower() + first[1:]}." if dice.chance(50) else f"According to the post, {first[0].lower() + first[1:]}."
    if second != first and dice.chance(50):
        text += f" It adds that {second[0].lower() + second[1:]}."
    if dice.chance(45):  # evidence for the other answer, outweighed
        against = fill(dice.known(other), dice)
        text += f" On the other hand, {against[0].lower() + against[1:]}."
    if dice.chance(25):
        text += " " + dice.pick(HEDGE)
    return text + (" " + dice.known(reading) if dice.chance(70) else "")


def cause_reasoning(label, dice):
    text = f"The post describes {dice.known(CAUSES['evidence'][label])}"
    text += f" and {dice.known(CAUSES['evidence'][label])}." if dice.chance(30) else "."
    if dice.chance(25):  # a second cause that counts for less
        text += f" A smaller part is {dice.known(CAUSES['evidence'][(label + 1 + dice.below(8)) % 9])}."
    if dice.chance(25):
        text += " " + dice.pick(HEDGE)
    return text + (" " + dice.known(CAUSES["reading"][label]) if dice.chance(60) else "")


def cause_verdict(label, dice):
    if label == 8:
        return dice.pick(["This post shows other stress causes.", "This post shows other causes."])
    return f"This post shows the stress cause related to {dice.pick(CAUSES['gold'][label])}."


class Binary:
    classes = 2

    def __init__(self, bank):
        self.bank, self.question = bank, bank["question"]
        self.keys = ["no", "yes"]
        self.table = [{"name": k, "short": k, "phrases": ["^" + k]} for k in self.keys]
        self.lead_ins = []

    def post(self, label, dice):
        return post(self.bank["post"][self.keys[label]], dice)

    def verdict(self, label, dice):
        return self.bank["verdict"][self.keys[label]]

    def reasoning(self, label, dice):
        evidence = self.bank["evidence"]
        return reasoning(evidence[self.keys[label]], evidence[self.keys[1 - label]], self.bank["reading"][self.keys[label]], dice)

    def options(self, label, dice):
        return None


class Causes:
    classes = 9
    question = CAUSES["question"]
    table = [{"name": n, "short": s, "phrases": p} for n, s, p in zip(CAUSES["names"], CAUSES["short"], CAUSES["phrases"])]
    lead_ins = ["this post shows", "the post shows", "answer:", "correct answer:", "the appropriate label for this post is"]

    def post(self, label, dice):
        return post(CAUSES["post"][label], dice)

    def verdict(self, label, dice):
        return cause_verdict(label, dice)

    def reasoning(self, label, dice):
        return cause_reasoning(label, dice)

    def options(self, label, dice):
        """A list of options before the answer, as instruction-tuned models like to write; every third names no answer."""
        names = [CAUSES["names"][(label + k) % 9] for k in dice.shuffled([0, 2, 5])]
        text = "\n\n" + "\n".join(f"{letter}) {name.capitalize()}" for letter, name in zip("ABC", names))
        return text + ("" if dice.chance(33) else f"\n\nCorrect answer: {CAUSES['names'][label].capitalize()}.")


def rows(kind, count, dice, share, seen):
    """`count` rows, no two alike: the one near-duplicate of a set is put there on purpose. `share` is the percentage of label 1 in binary sets, `seen` the
    word runs of the rows made before."""
    made = []
    while len(made) < count:
        label = (1 if dice.chance(share) else 0) if share else len(made) % kind.classes
        text = kind.post(label, dice)
        words = text.lower().replace(".", "").split()
        runs = set(zip(words, words[1:], words[2:]))
        if any(len(runs & other) > 0.7 * len(runs | other) for other in seen):
            continue
        seen.append(runs)
        made.append([text, label, f"{kind.verdict(label, dice)} Reasoning: {kind.reasoning(label, dice)}"])
    return dice.shuffled(made)


def spring_traps(parts, name):
    """Into each set: newlines, quotes, mojibake, a duplicate in train, a near-duplicate of a train post in test."""
    train, val, test = parts["train"], parts["val"], parts["test"]
    for part in (train, val, test):
        for k in range(3, len(part), 17):
            part[k][0] = part[k][0].replace(". ", ".\n\n", 1)
        for k in range(5, len(part), 19):
            part[k][0] += ' They said "it will pass", and, well, "maybe".'
    train[11][0] += " I don‚Äôt know what to make of it."
    train.append(list(train[20]))
    near = list(train[30])
    near[0] = near[0] + " Thanks for reading all of this, whoever you are, and good night to you."
    train[30][0] = near[0].replace("good night to you", "good night all")
    test.append(near)


def query(text, question):
    return f'Consider this post: "{text}" Question: {question}'


def write(path, header, records, newline="\n"):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=newline)
    writer.writerow(header)
    writer.writerows(records)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(buffer.getvalue())


def generations(kind, test, count, dice):
    """What a model might answer to the first `count` test rows: with and without verdict, with and without marker, sometimes wrong."""
    out = []
    for k, (_, label, gold) in enumerate(test[:count]):
        answer = (label + 1 + dice.below(kind.classes - 1)) % kind.classes if dice.chance(12) else label
        verdict, why = kind.verdict(answer, dice), kind.reasoning(answer, dice)
        form = k % 5
        if form == 0:
            text = f"\n\n{verdict} Reasoning: {why}"
        elif form == 1:
            text = f"Reasoning: {why}"
        elif form == 2:
            text = f"\n{verdict} {why}"
        elif form == 3:
            text = f"\n\nReasoning: {why}"
        else:
            options = kind.options(answer, dice)
            text = f"{options} Reasoning: {why}" if options else f"\n\nA. {verdict} Reasoning: {why}"
        out.append([gold, text])
    return out


def build(root, name, kind, sizes, seed, share=None, newline="\n", index=False):
    dice = Dice(seed)
    seen = []
    parts = {}
    for part, size in zip(("train", "val", "test"), sizes):
        dice.novel = part == "test"
        parts[part] = rows(kind, size, dice, share, seen)
    spring_traps(parts, name)
    for part, records in parts.items():
        header = ["query", "gpt-3.5-turbo"]
        table = [[query(text, kind.question), gold] for text, _, gold in records]
        if index:
            header, table = [""] + header, [[k] + record for k, record in enumerate(table)]
        path = f"test_data/samples/{name}.csv" if part == "test" else f"train_data/samples/{name}/{part}.csv"
        write(f"{root}/{path}", header, table, newline)
    with open(f"{root}/train_data/samples/{name}/labels.json", "w", encoding="utf-8", newline="") as file:
        json.dump({"dataset": name, "lead_ins": kind.lead_ins, "labels": kind.table}, file, indent=2)
        file.write("\n")
    write(f"{root}/test_data/samples/generations/{name}.csv", ["goldens", "generated_text"], generations(kind, parts["test"], 60, dice))


def conversations(root, seed=51):
    """Conversations of one or two turns about made-up posts, for chat templates: train_data/samples/conversations.jsonl."""
    dice = Dice(seed)
    dice.novel = False
    lines = []
    for kind in (Binary(STRESS), Binary(LONELINESS)):
        for text, label, gold in rows(kind, 24, dice, 50, []):
            messages = [{"role": "system", "content": "You read posts and explain what they show. You are not a clinician."},
                        {"role": "user", "content": query(text, kind.question)}, {"role": "assistant", "content": gold}]
            if dice.chance(40):
                messages += [{"role": "user", "content": "Say it in one word."}, {"role": "assistant", "content": "Yes." if label else "No."}]
            lines.append(json.dumps({"messages": messages}) + "\n")
    with open(f"{root}/train_data/samples/conversations.jsonl", "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    build(root, "sample-stress", Binary(STRESS), (240, 60, 100), seed=11, share=58, newline="\r\n")
    build(root, "sample-loneliness", Binary(LONELINESS), (240, 60, 100), seed=23, share=45, index=True)
    build(root, "sample-causes", Causes(), (360, 90, 135), seed=37)
    conversations(root)


if __name__ == "__main__":
    main()
