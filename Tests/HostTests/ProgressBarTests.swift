import Testing

@testable import BerthCLI

@Suite("The progress bar")
struct ProgressBarTests {
  @Test(
    "fits into the terminal's width: first the text gives way, then the bar",
    arguments: [
      (80, "[########............] 412/1000 starting teeworlds/arena-412"),
      (61, "[########............] 412/1000 starting teeworlds/arena-412"),
      (60, "[########............] 412/1000 starting teeworlds/arena-4…"),
      (34, "[########............] 412/1000 …"),
      (33, "[########............] 412/1000"),
      (32, "[########............] 412/1000"),
      (31, "412/1000 starting teeworlds/a…"),
      (9, "412/1000"), (8, ""), (0, ""), (-5, ""),
    ])
  func width(_ width: Int, line: String) {
    #expect(ProgressBar.line(done: 412, of: 1000, text: "starting teeworlds/arena-412", width: width) == line)
  }

  @Test(
    "stays within its ends, whatever the numbers",
    arguments: [
      (0, 3, "[....................] 0/3"), (3, 3, "[####################] 3/3"), (4, 3, "[####################] 3/3"),
      (-1, 3, "[....................] 0/3"), (0, 0, "[####################] 0/0"),
      (999, 1000, "[###################.] 999/1000"),
    ])
  func numbers(done: Int, count: Int, line: String) {
    #expect(ProgressBar.line(done: done, of: count, text: "", width: 80) == line)
  }

  @Test("no character of a name moves the cursor, and wide ones count twice")
  func characters() {
    let bar = "[##########..........] 1/2"
    #expect(ProgressBar.line(done: 1, of: 2, text: "a\n\r\u{1B}[Kb\u{202E}", width: 80) == "\(bar) a???[Kb?")
    #expect(ProgressBar.line(done: 1, of: 2, text: "港港港", width: 34) == "\(bar) 港港港")
    #expect(ProgressBar.line(done: 1, of: 2, text: "港港港", width: 33) == "\(bar) 港港…")
    #expect(ProgressBar.line(done: 1, of: 2, text: "🚢🚢", width: 31) == "\(bar) 🚢…")
  }
}
