import Testing

@testable import BerthCLI
@testable import BerthEngine
@testable import BerthExecution

@Suite("The progress of a long copy")
struct CopyRateTests {
  private func rate(_ done: Int64, of total: Int64, after seconds: Double) -> String {
    let bytes = Executor.Progress.Bytes(done: done, of: total)
    let progress = Executor.Progress(kind: "archive", summary: "copy", title: "luanti/PvP", number: 1, count: 3)
    return CopyRate(progress).now(bytes, elapsed: seconds).text(bytes)
  }

  @Test(
    "shows bytes, rate and time left",
    arguments: [
      (Int64(50_000_000), Int64(200_000_000), 1.0, "50 MB of 200 MB, 50 MB/s, 3.0 s left"),
      (200_000_000, 200_000_000, 4.0, "200 MB of 200 MB, 50 MB/s, 0.0 s left"),
      (1_000_000, 10_000_000_000, 2.0, "1.0 MB of 10 GB, 500 kB/s, 5 h 33 min left"),
      (999, 3_000, 1.0, "999 B of 3.0 kB, 999 B/s, 2.0 s left"),
    ])
  func showsRate(_ done: Int64, _ total: Int64, _ seconds: Double, _ text: String) {
    #expect(rate(done, of: total, after: seconds) == text)
  }

  @Test("says no rate in the first moments, nor before the first byte")
  func saysNothingYet() {
    #expect(rate(500, of: 1000, after: 0.1) == "500 B of 1.0 kB")
    #expect(rate(0, of: 1000, after: 9) == "0 B of 1.0 kB")
  }

  @Test(
    "counts seconds in words for people",
    arguments: [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (200.0, "3 min 20 s")])
  func countsSeconds(_ seconds: Double, _ text: String) { #expect(ByteCount.seconds(seconds) == text) }
}
