import Metrics
import Testing

@Suite struct SplitMix64Tests {
  @Test func thePublishedNumbersComeOut() {
    var random = SplitMix64(seed: 1_234_567)
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(published.map { _ in random.next() } == published)
  }

  /// The first number is 6457827717110365317, and 6457827717110365317 / 2⁶⁴ is 0.350080 to six digits.
  @Test func uniformNumbersAreTheUpperBits() {
    var random = SplitMix64(seed: 1_234_567)
    let value = random.uniform()
    #expect(value == Double(6_457_827_717_110_365_317 >> 11 as UInt64) / Double(1 << 53 as UInt64) && (value * 1e6).rounded() == 350_080)
  }

  /// The upper halves of the products of the first three numbers with 4, 3 and 2 are 1, 0 and 1: the fourth item changes places with the second,
  /// the third with the first, the second with none.
  @Test func aShuffleIsFisherAndYatesByMultiplication() {
    var random = SplitMix64(seed: 1_234_567)
    var items = [0, 1, 2, 3]
    random.shuffle(&items)
    #expect(items == [2, 3, 0, 1])
  }
}
