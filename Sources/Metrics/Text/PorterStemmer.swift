/// Porter's stemmer as NLTK extends it, on lower-case ASCII: what ROUGE stems with.
///
/// M. F. Porter, "An algorithm for suffix stripping", 1980; the extensions are those of `nltk.stem.porter` in its default mode.
struct PorterStemmer {
  private static let irregular: [(forms: [StaticString], stem: StaticString)] = [
    (["sky", "skies"], "sky"), (["dying"], "die"), (["lying"], "lie"), (["tying"], "tie"), (["news"], "news"),
    (["innings", "inning"], "inning"), (["outings", "outing"], "outing"), (["cannings", "canning"], "canning"), (["howe"], "howe"),
    (["proceed"], "proceed"), (["exceed"], "exceed"), (["succeed"], "succeed"),
  ]

  /// `word`, lower-case letters and digits, without its suffixes.
  static func stem(_ word: [UInt8]) -> [UInt8] {
    for (forms, stem) in irregular where forms.contains(where: { word.elementsEqual(bytes($0)) }) { return Array(bytes(stem)) }
    guard word.count > 2 else { return word }
    var word = word
    plurals(&word)
    pastAndProgressive(&word)
    finalY(&word)
    apply(step2, to: &word)
    apply(step3, to: &word)
    apply(step4, to: &word)
    finalE(&word)
    if ends(word, "ll"), measure(word.dropLast()) > 1 { word.removeLast() }
    return word
  }

  private static func isVowel(_ byte: UInt8) -> Bool { byte == 97 || byte == 101 || byte == 105 || byte == 111 || byte == 117 }

  /// Whether each letter is a consonant: y is one at the start and after a vowel.
  private static func consonants(_ word: some Sequence<UInt8>) -> [Bool] {
    var flags: [Bool] = []
    for byte in word { flags.append(byte == 121 ? flags.last.map { !$0 } ?? true : !isVowel(byte)) }
    return flags
  }

  /// How often a vowel is followed by a consonant.
  private static func measure(_ word: some Sequence<UInt8>) -> Int {
    let flags = consonants(word)
    return zip(flags, flags.dropFirst()).count { !$0 && $1 }
  }

  /// Consonant, vowel, consonant other than w, x, y; or the two letters vowel, consonant.
  private static func endsShort(_ word: [UInt8]) -> Bool {
    let flags = consonants(word)
    if word.count == 2 { return !flags[0] && flags[1] }
    guard word.count > 2 else { return false }
    let n = word.count
    return flags[n - 3] && !flags[n - 2] && flags[n - 1] && !(119...121).contains(word[n - 1])
  }

  private static func plurals(_ word: inout [UInt8]) {
    if ends(word, "ies") {
      word.removeLast(word.count == 4 ? 1 : 2)
    } else if ends(word, "sses") {
      word.removeLast(2)
    } else if ends(word, "s") && !ends(word, "ss") {
      word.removeLast()
    }
  }

  private static func pastAndProgressive(_ word: inout [UInt8]) {
    if ends(word, "ied") {
      word.removeLast(word.count == 4 ? 1 : 2)
      return
    }
    if ends(word, "eed") {
      if measure(word.dropLast(3)) > 0 { word.removeLast() }
      return
    }
    let suffix = ends(word, "ed") ? 2 : ends(word, "ing") ? 3 : 0
    guard suffix > 0, consonants(word.dropLast(suffix)).contains(false) else { return }
    word.removeLast(suffix)
    let n = word.count
    if ends(word, "at") || ends(word, "bl") || ends(word, "iz") {
      word.append(101)
    } else if n >= 2 && word[n - 1] == word[n - 2] && consonants(word)[n - 1] {
      if ![108, 115, 122].contains(word[n - 1]) { word.removeLast() }
    } else if measure(word) == 1 && endsShort(word) {
      word.append(101)
    }
  }

  private static func finalY(_ word: inout [UInt8]) {
    guard ends(word, "y"), word.count > 2, consonants(word)[word.count - 2] else { return }
    word[word.count - 1] = 105
  }

  private static func finalE(_ word: inout [UInt8]) {
    guard ends(word, "e") else { return }
    let stem = Array(word.dropLast())
    let measure = measure(stem)
    if measure > 1 || measure == 1 && !endsShort(stem) { word = stem }
  }

  private struct Rule {
    var suffix, replacement: StaticString
    /// The stem's measure must be larger.
    var above = 0
    /// How many letters of the suffix count as part of the stem when it is measured.
    var kept = 0
    /// The stem must end in one of these, where there are any.
    var after: [UInt8] = []
  }

  private static let step2: [Rule] = [
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"), ("entli", "ent"),
    ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
    ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
  ].map { Rule(suffix: $0, replacement: $1) } + [Rule(suffix: "logi", replacement: "log", kept: 1)]

  private static let step3: [Rule] = [
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
  ].map { Rule(suffix: $0, replacement: $1) }

  private static let step4: [Rule] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
  ].map { (suffix: StaticString) in Rule(suffix: suffix, replacement: "", above: 1, after: suffix.description == "ion" ? [115, 116] : []) }

  /// The first rule whose suffix fits decides, whether or not its condition holds. After "alli" step 2 starts again.
  private static func apply(_ rules: [Rule], to word: inout [UInt8]) {
    guard let rule = rules.first(where: { ends(word, $0.suffix) }) else { return }
    // NLTK tries "alli" before the other suffixes and again on what is left; no earlier suffix ends in "alli", so the order here is the same.
    let stem = word.dropLast(rule.suffix.utf8CodeUnitCount)
    guard measure(word.dropLast(rule.suffix.utf8CodeUnitCount - rule.kept)) > rule.above else { return }
    guard rule.after.isEmpty || stem.last.map(rule.after.contains) == true else { return }
    let isAlli = rule.suffix.utf8CodeUnitCount == 4 && ends(word, "alli")
    word = Array(stem) + bytes(rule.replacement)
    if isAlli { apply(rules, to: &word) }
  }

  private static func ends(_ word: [UInt8], _ suffix: StaticString) -> Bool { word.suffix(suffix.utf8CodeUnitCount).elementsEqual(bytes(suffix)) }

  private static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) }
}
