/// The label tables of the IMHI benchmark (Yang et al., arXiv 2309.13567), with corrected rules.
///
/// Read from the text before `Reasoning:`, they give exactly one label on every gold row of the 41 released files. Upstream's
/// own rules miss up to a quarter of SAD and a sixth of CAMS; `UpstreamRules` reproduces those.
public enum IMHILabels {
  /// Every IMHI dataset in upstream's spelling, in the paper's order.
  public static let datasets = ["DR", "CLP", "dreaddit", "swmh", "t-sid", "SAD", "CAMS", "loneliness", "MultiWD", "Irf"]

  /// The table of `dataset`, nil when IMHI has no such set. Spelling as upstream (`t-sid`, `DR`), any case.
  public static func table(_ dataset: String) -> LabelTable? { tables[dataset.lowercased()] }

  private static let tables: [String: LabelTable] = Dictionary(uniqueKeysWithValues: datasets.map { ($0.lowercased(), make($0)) })

  private static func make(_ dataset: String) -> LabelTable {
    switch dataset {
    case "swmh":
      table(dataset, leadIns: shows, [
        ("no mental disorder", "no mental", ["no mental disorder*"]), ("suicide", "suicide", ["suicid*"]),
        ("depression", "depression", ["depression"]), ("anxiety", "anxiety", ["anxiety"]), ("bipolar", "bipolar", ["bipolar"]),
      ])
    case "t-sid":
      table(dataset, leadIns: shows, [
        ("no mental disorders", "control", ["no mental disorder*"]), ("suicide or self-harm", "suicide", ["suicide or self-harm"]),
        ("depression", "depression", ["depression"]), ("ptsd", "ptsd", ["ptsd"]),
      ])
    case "SAD":
      // "emotion turmoil" and "other stress causes" stand in the instruction files, "emotional turmoil" and "other causes"
      // in the completion files: the two differences that upstream's rules trip over.
      table(dataset, leadIns: shows, [
        ("school", "school", ["school[s]"]), ("financial problem", "financial", ["financial problem[s]"]),
        ("family issues", "family", ["family issue[s]"]), ("social relationships", "social", ["social relationship[s]"]),
        ("work", "work", ["work"]), ("health issues", "health", ["health issue[s]"]),
        ("emotional turmoil", "emotional", ["emotion[al] turmoil[s]"]),
        ("everyday decision making", "everyday", ["everyday decision making"]),
        ("other causes", "other", ["other [stress ]cause[s]"]),
      ])
    case "CAMS":
      table(dataset, leadIns: shows, [
        ("none", "none", ["no causes", "^none"]), ("bias or abuse", "bias", ["bias or abuse"]),
        ("jobs and career", "job", ["jobs and career"]), ("medication", "medication", ["medication"]),
        ("relationship", "relation", ["relationship"]), ("alienation", "alienation", ["alienation"]),
      ])
    default:
      table(dataset, leadIns: [], [("no", "no", ["^no"]), ("yes", "yes", ["^yes"])])
    }
  }

  /// Openings of sentences that name the label outright, in IMHI's golds and in generations.
  private static let shows = [
    "this post shows", "the post shows", "answer:", "the answer is", "correct answer:", "the correct answer is",
    "the appropriate label for this post is",
  ]

  private static func table(_ dataset: String, leadIns: [String], _ rows: [(name: String, short: String, phrases: [String])]) -> LabelTable {
    let labels = rows.enumerated().map { id, row in
      LabelTable.Label(id: id, name: row.name, shortName: row.short, phrases: row.phrases.map { pattern in
        guard let phrase = Phrase(pattern) else { preconditionFailure("IMHILabels: \(dataset): bad phrase '\(pattern)'") }
        return phrase
      })
    }
    do {
      return try LabelTable(dataset: dataset, labels: labels, leadIns: leadIns)
    } catch {
      preconditionFailure("IMHILabels: \(dataset): \(error)")
    }
  }
}
