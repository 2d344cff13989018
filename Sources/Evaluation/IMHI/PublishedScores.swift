internal import Glibc

/// Weighted F1 on IMHI's test sets as the paper prints them, in percent. Published by others, not measured here.
///
/// Source: Table 2 of Yang et al., MentaLLaMA: Interpretable Mental Health Analysis on Social Media with Large Language Models (WWW 2024,
/// arXiv 2309.13567), transcribed from the table's image. The outputs behind it are not released, so the numbers cannot be recomputed.
public enum PublishedScores {
  /// What to say beside every number of these.
  public static let source = "Published, not measured here: Yang et al., arXiv 2309.13567, Table 2, weighted F1"

  /// One line of the table.
  public struct System: Sendable, Hashable {
    /// `discriminative`, `zero/few-shot`, `completion fine-tuning` or `instruction tuning`.
    public let group: String
    public let name: String
    public let parameters: String
    /// Percentages by set, in upstream's spelling of the sets; a set that the paper leaves out is not there.
    public let weightedF1: [String: Double]
  }

  /// The sets in the order of the table, in upstream's spelling.
  public static let sets = ["CAMS", "CLP", "DR", "dreaddit", "Irf", "loneliness", "MultiWD", "SAD", "swmh", "t-sid"]

  public static let systems: [System] = table.split(separator: "\n").map { line in
    let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    let cells = fields[3].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    precondition(fields.count == 4 && cells.count == sets.count, "PublishedScores: a line of another form")
    let scores = zip(sets, cells).compactMap { set, cell in cell.isEmpty ? nil : (set, strtod(cell, nil)) }
    return System(group: fields[0], name: fields[1], parameters: fields[2], weightedF1: Dictionary(uniqueKeysWithValues: scores))
  }

  /// The best published system on a set.
  public static func best(on set: String) -> System? {
    systems.max { ($0.weightedF1[set] ?? 0) < ($1.weightedF1[set] ?? 0) }.flatMap { $0.weightedF1[set] == nil ? nil : $0 }
  }

  /// The published system called `name`.
  public static func system(_ name: String) -> System? { systems.first { $0.name == name } }

  private static let table = """
    discriminative|BERT-base|110M|34.92,62.75,90.90,78.26,72.30,83.92,76.69,62.72,70.76,88.51
    discriminative|RoBERTa-base|110M|36.54,66.07,95.11,80.56,71.35,83.95,,67.53,72.03,88.76
    discriminative|MentalBERT|110M|39.73,62.63,94.62,80.04,76.73,82.97,76.19,67.34,71.11,88.61
    discriminative|MentalRoBERTa|110M|47.62,69.71,94.23,81.76,,85.33,,68.44,72.16,89.01
    zero/few-shot|LLaMA2-7B_ZS|7B|16.34,36.26,58.91,53.51,38.02,58.32,40.1,11.04,37.33,25.55
    zero/few-shot|LLaMA2-13B_ZS|13B|14.64,39.29,54.07,36.28,38.89,55.48,53.65,13.2,40.5,25.27
    zero/few-shot|ChatGPT_ZS|175B|33.85,56.31,82.41,71.79,41.33,58.40,62.72,54.05,49.32,33.30
    zero/few-shot|ChatGPT_FS|175B|44.46,61.63,84.22,75.38,43.31,58.78,64.93,63.56,60.19,43.95
    zero/few-shot|GPT-4_FS|1.76T|42.37,62.0,82.0,78.18,51.75,72.85,62.58,55.68,62.94,40.48
    completion fine-tuning|T5-Large|770M|40.2,48.6,84.9,77.7,74.0,80.8,76.4,58.1,70.0,77.1
    completion fine-tuning|BART-Large|406M|43.8,50.3,84.6,80.0,76.2,83.3,77.2,59.6,71.5,77.9
    completion fine-tuning|LLaMA2-7B (IMHI-completion)|7B|30.47,51.17,84.94,61.59,73.5,81.25,65.52,49.6,63.08,68.93
    instruction tuning|MentaLLaMA-7B|7B|32.52,59.86,76.14,71.65,67.53,83.52,68.44,49.93,72.51,72.64
    instruction tuning|MentaLLaMA-chat-7B|7B|44.8,51.84,83.95,62.2,72.88,83.71,75.79,62.18,75.58,77.74
    instruction tuning|MentaLLaMA-chat-13B|13B|45.52,52.61,85.68,75.79,76.49,85.1,75.11,63.62,71.7,75.31
    """
}
