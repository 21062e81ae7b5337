import BerthKit

/// The external console of Teeworlds: lines of text over TCP, among which the log goes on.
enum TeeworldsConsole {
  /// Bytes of the longest line that it reads.
  private static let longest = 1000

  static func run(_ command: String, password: String, over connection: any Connection) async throws -> String {
    guard command.utf8.count <= longest, password.utf8.count <= longest else {
      throw AnswerFailure.unsayable("a line of more than \(longest) bytes")
    }
    guard !password.hasControlCharacter else { throw AnswerFailure.unsayable("a password with control characters") }
    var lines = LineReader(connection)
    guard try await lines.next().hasPrefix("Enter password") else {
      throw AnswerFailure.garbage("it does not ask for a password")
    }
    try await connection.send(Array("\(password)\n".utf8))
    let verdict = try await lines.next()
    guard !verdict.hasPrefix("Wrong password") else { throw AnswerFailure.wrongPassword }
    guard verdict.hasPrefix("Authentication successful") else {
      throw AnswerFailure.garbage("it does not say whether the password is right")
    }
    // Commands are carried out in order, so that what comes before the echo belongs to the command or to the log.
    let mark = "berth-\(nonce())"
    try await connection.send(Array("\(command)\necho \(mark)\n".utf8))
    var answer = Answer(command: command, mark: mark)
    while !answer.isWhole { answer.add(try await lines.next()) }
    return answer.text
  }

  /// The lines between the command, which the server repeats, and the mark.
  struct Answer {
    private let command: String
    private let mark: String
    private var before: [String] = []
    private var lines: [String] = []
    private var hasBegun = false
    private(set) var isWhole = false

    init(command: String, mark: String) {
      self.command = command
      self.mark = mark
    }

    /// A console that is told to be quiet repeats nothing.
    var text: String { ServerText.lines((hasBegun ? lines : before).joined(separator: "\n")) }

    mutating func add(_ line: String) {
      if let repeated = Self.command(in: line) {
        // A long one is repeated in part.
        if !hasBegun, !repeated.isEmpty, "\(command)'".utf8.starts(with: repeated) { hasBegun = true }
      } else if line.utf8.reversed().starts(with: mark.utf8.reversed()) {
        isWhole = true
      } else if hasBegun {
        lines.append(Self.withoutTime(line))
      } else if line.firstRange(of: "[econ]: cid=") == nil {
        before.append(Self.withoutTime(line))
      }
    }

    /// `[09:00:00][server]: cid=0 cmd='status'`.
    private static func command(in line: String) -> Substring.UTF8View? {
      guard let server = line.firstRange(of: "[server]: cid="), let at = line.firstRange(of: " cmd='"),
        server.upperBound < at.lowerBound
      else { return nil }
      return line[at.upperBound...].utf8
    }

    /// `[09:00:00][Console]: text` without the time.
    private static func withoutTime(_ line: String) -> String {
      guard line.hasPrefix("["), let end = line.firstRange(of: "]["), line[..<end.lowerBound].utf8.count < 24 else {
        return line
      }
      return String(line[line.index(after: end.lowerBound)...])
    }
  }

  /// Lines, with the zeros between them left out.
  private struct LineReader {
    private var reader: StreamReader
    private var waiting: [String] = []

    init(_ connection: any Connection) { reader = StreamReader(connection) }

    mutating func next() async throws -> String {
      while waiting.isEmpty {
        guard try await reader.more() else { throw ConnectionFailure.closed }
        guard let end = reader.bytes.lastIndex(of: UInt8(ascii: "\n")) else { continue }
        waiting = try await reader.take(end + 1).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
          .map { ServerText.decoded($0.filter { $0 != 0 }) }.filter { !$0.isEmpty }.reversed()
      }
      return waiting.removeLast()
    }
  }
}
