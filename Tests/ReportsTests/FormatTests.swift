import Reports
import Testing

@Suite struct FormatTests {
  @Test(arguments: [(0.0, 2, "0.00"), (-0.001, 2, "0.00"), (-0.006, 2, "-0.01"), (95.349, 1, "95.3"), (1e20, 0, "100000000000000000000"), (.nan, 1, "–"), (.infinity, 1, "–")])
  func fixedDecimals(value: Double, digits: Int, text: String) { #expect(Format.fixed(value, digits) == text) }

  @Test(arguments: [(5e-5, "5e-05"), (0.6931, "0.693"), (27.25, "27.2"), (1.23e-7, "1.23e-07")])
  func significantDigits(value: Double, text: String) { #expect(Format.short(value) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (16653, "16\u{202F}653"), (-1234567, "-1\u{202F}234\u{202F}567")])
  func thousands(value: Int, text: String) { #expect(Format.count(value) == text) }

  @Test(arguments: [(3.21, "3.2 s"), (45.2, "45 s"), (200, "3 min 20 s"), (3599.6, "1 h 00 min"), (7500, "2 h 05 min"), (-1, "–")])
  func durations(seconds: Double, text: String) { #expect(Format.duration(seconds) == text) }

  @Test(arguments: [(512, "512 B"), (412_000_000, "412 MB"), (2_310_000_000, "2.31 GB")])
  func byteCounts(count: Int, text: String) { #expect(Format.bytes(count) == text) }
}
