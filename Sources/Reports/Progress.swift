import Glibc
import Synchronization

/// How far a long job is, on standard error: a bar with rate, time left and live figures on a terminal, a plain line now and
/// then elsewhere.
///
/// ```swift
/// let progress = Progress("DR", total: steps, unit: "steps")
/// progress.update(step, figures: [("loss", Format.fixed(loss, 4))])
/// progress.finish()
/// ```
/// Drawing is limited to ten times a second (a line every 10 s without a terminal), so `update` may be called at every step.
/// Calls may come from any thread.
public final class Progress: Sendable {
  private struct State {
    var done = 0
    var figures: [(name: String, value: String)] = []
    var lastDrawn: Double?
    /// When the first update came and what was done by then: rates leave start-up and resumed work out.
    var first: (time: Double, done: Int)?
    var isFinished = false
  }

  public let title: String
  public let total: Int
  public let unit: String
  private let terminal: Terminal
  private let isQuiet: Bool
  private let clock: @Sendable () -> Double
  private let output: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// - Parameters:
  ///   - total: what `update` counts up to.
  ///   - isQuiet: shows nothing.
  public convenience init(_ title: String, total: Int, unit: String, isQuiet: Bool = false) {
    self.init(
      title, total: total, unit: unit, isQuiet: isQuiet, terminal: .standardError(), clock: Progress.monotonicSeconds, output: Terminal.write)
  }

  init(
    _ title: String, total: Int, unit: String, isQuiet: Bool, terminal: Terminal, clock: @escaping @Sendable () -> Double,
    output: @escaping @Sendable (String) -> Void
  ) {
    self.title = title
    self.total = total
    self.unit = unit
    self.isQuiet = isQuiet
    self.terminal = terminal
    self.clock = clock
    self.output = output
    state = Mutex(State())
  }

  /// `done` of `total` are done. `figures` stay until the next call that gives some.
  public func update(_ done: Int, figures: [(name: String, value: String)] = []) {
    let now = clock()
    let text = state.withLock { state -> String? in
      state.done = done
      if !figures.isEmpty { state.figures = figures }
      if state.first == nil { state.first = (now, done) }
      guard !isQuiet, !state.isFinished else { return nil }
      if let last = state.lastDrawn, now - last < (terminal.isInteractive ? 0.1 : 10) { return nil }
      state.lastDrawn = now
      return drawn(state, at: now)
    }
    if let text { output(text) }
  }

  /// Says something without tearing the bar: the line goes above it.
  public func note(_ line: String) {
    guard !isQuiet else { return }
    let now = clock()
    let bar = state.withLock { state in
      terminal.isInteractive && !state.isFinished && state.lastDrawn != nil ? drawn(state, at: now) : ""
    }
    output((terminal.isInteractive ? "\r\u{1B}[K" : "") + line + "\n" + bar)
  }

  /// Draws the last state and ends the line. Later calls do nothing.
  public func finish() {
    let now = clock()
    let text = state.withLock { state -> String? in
      guard !isQuiet, !state.isFinished, state.first != nil else { return nil }
      state.isFinished = true
      return drawn(state, at: now) + (terminal.isInteractive ? "\n" : "")
    }
    if let text { output(text) }
  }

  private func drawn(_ state: State, at now: Double) -> String {
    let share = total > 0 ? min(1, max(0, Double(state.done) / Double(total))) : 0
    let elapsed = now - (state.first?.time ?? now)
    let rate = elapsed > 0 ? Double(state.done - (state.first?.done ?? 0)) / elapsed : 0
    var parts = ["\(state.done)/\(total) \(unit)"]
    if rate > 0 {
      parts.append("\(Format.short(rate))/s")
      parts.append(state.done < total ? "\(Format.duration(Double(total - state.done) / rate)) left" : Format.duration(elapsed))
    }
    parts += state.figures.map { "\($0.name) \($0.value)" }
    let figures = parts.joined(separator: "  ")
    guard terminal.isInteractive else { return "\(title)  \(Format.percent(share, 0)) %  \(figures)\n" }

    // title ████▌░░░ figures, cut to the terminal so that nothing wraps.
    let room = (terminal.width ?? 80) - title.count - figures.count - 5
    let bar = room >= 8 ? Progress.bar(share, width: min(30, room)) : ""
    let coloured = terminal.hasColour && !bar.isEmpty ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
    let plain = "\(title) " + (bar.isEmpty ? "" : "\(bar) ") + figures
    let limit = (terminal.width ?? 80) - 1
    return "\r" + (plain.count > limit ? String(plain.prefix(limit)) : "\(title) " + (bar.isEmpty ? "" : "\(coloured) ") + figures) + "\u{1B}[K"
  }

  /// Eighths of a block, so that slow jobs still move.
  static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((share * Double(width * 8)).rounded(.down))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let filled = String(repeating: "█", count: eighths / 8) + partial
    return filled + String(repeating: "░", count: width - filled.count)
  }

  @Sendable private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
