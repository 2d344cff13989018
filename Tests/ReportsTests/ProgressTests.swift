import Synchronization
import Testing

@testable import Reports

@Suite struct ProgressTests {
  /// Progress with a clock that stands until told and an output that is kept.
  final class Recorder: Sendable {
    let time = Mutex(100.0)
    let text = Mutex("")

    func progress(_ terminal: Terminal, isQuiet: Bool = false) -> Progress {
      Progress(
        "DR", total: 200, unit: "steps", isQuiet: isQuiet, terminal: terminal, clock: { self.time.withLock { $0 } },
        output: { text in self.text.withLock { $0 += text } })
    }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    func take() -> String {
      text.withLock { text in
        defer { text = "" }
        return text
      }
    }
  }

  static let plain = Terminal(isInteractive: false, hasColour: false, width: nil)
  static let terminal = Terminal(isInteractive: true, hasColour: false, width: 80)

  @Test func plainLinesComeEveryTenSeconds() {
    let recorder = Recorder()
    let progress = recorder.progress(Self.plain)
    progress.update(0)
    #expect(recorder.take() == "DR  0 %  0/200 steps\n")
    recorder.advance(5)
    progress.update(20, figures: [("loss", "0.41")])
    #expect(recorder.take() == "")
    recorder.advance(5)
    progress.update(50)
    #expect(recorder.take() == "DR  25 %  50/200 steps  5/s  30 s left  loss 0.41\n")
    recorder.advance(30)
    progress.update(200)
    progress.finish()
    #expect(recorder.take().hasSuffix("DR  100 %  200/200 steps  5/s  40 s  loss 0.41\n"))
    progress.update(200)
    progress.finish()
    #expect(recorder.take() == "")
  }

  /// A resumed run's rate counts what was done since it resumed.
  @Test func theRateLeavesOutWhatWasDoneBefore() {
    let recorder = Recorder()
    let progress = recorder.progress(Self.plain)
    progress.update(100)
    recorder.advance(10)
    progress.update(150)
    #expect(recorder.take().hasSuffix("150/200 steps  5/s  10 s left\n"))
  }

  @Test func aTerminalGetsABarThatIsRedrawn() {
    let recorder = Recorder()
    let progress = recorder.progress(Self.terminal)
    progress.update(0)
    recorder.advance(0.05)
    progress.update(1)
    recorder.advance(10)
    _ = recorder.take()
    progress.update(100)
    #expect(recorder.take() == "\rDR ███████████████░░░░░░░░░░░░░░░ 100/200 steps  9.95/s  10 s left\u{1B}[K")
    progress.note("saved")
    #expect(recorder.take().hasPrefix("\r\u{1B}[Ksaved\n\rDR █"))
  }

  @Test(arguments: [10, 20, 30, 45, 60, 100])
  func nothingWraps(width: Int) {
    let recorder = Recorder()
    let progress = recorder.progress(Terminal(isInteractive: true, hasColour: false, width: width))
    progress.update(100, figures: [("loss", "0.4123"), ("F1", "0.9")])
    #expect(recorder.take().filter { $0 != "\r" }.replacing("\u{1B}[K", with: "").count < width)
  }

  @Test func colourIsUsedOnlyWhereWelcome() {
    let recorder = Recorder()
    recorder.progress(Terminal(isInteractive: true, hasColour: true, width: 80)).update(1)
    #expect(recorder.take().contains("\u{1B}[36m"))
    recorder.progress(Self.terminal).update(1)
    #expect(!recorder.take().contains("\u{1B}[36m"))
  }

  @Test func quietSaysNothing() {
    let recorder = Recorder()
    let progress = recorder.progress(Self.terminal, isQuiet: true)
    progress.update(1)
    progress.note("x")
    progress.finish()
    #expect(recorder.take() == "")
  }

  @Test func theBarIsAsWideAsAskedAndMovesInEighths() {
    for step in 0...80 { #expect(Progress.bar(Double(step) / 80, width: 10).count == 10) }
    #expect(Progress.bar(0.5, width: 3) == "█▌░")
    #expect(Progress.bar(1, width: 3) == "███")
  }
}
