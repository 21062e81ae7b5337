import BerthKit

extension Executor {
  /// What is being done, before it is.
  public struct Progress: Sendable {
    public let kind: String
    public let summary: String
    /// The instance, or how many there are.
    public let title: String
    /// Which step of the plan this is, from 1.
    public let number: Int
    public let count: Int
    /// How far a long copy is.
    public var bytes: Bytes?

    package init(kind: String, summary: String, title: String, number: Int, count: Int, bytes: Bytes? = nil) {
      self.kind = kind
      self.summary = summary
      self.title = title
      self.number = number
      self.count = count
      self.bytes = bytes
    }

    public struct Bytes: Sendable {
      public let done: Int64
      public let of: Int64

      package init(done: Int64, of: Int64) {
        self.done = done
        self.of = of
      }
    }
  }

  /// How a plan is carried out.
  public struct Options: Sendable {
    /// Whether the others go on when one instance fails, which alone is taken back then.
    public var keepsGoing: Bool
    /// How many instances at most are started, stopped or restarted with one order.
    public var atOnce: Int
    /// Whether a start is over when all is ready. Else it goes on when the operation is done, and nothing is taken back
    /// where it fails: who asked has no time, and looks later.
    public var awaitsStart: Bool
    /// Whether the host is booting. Services start after the recovery then, so a recovery must not wait for them.
    public var isBooting = false
    /// Whether what a failed operation has done stays for a look, and its operation stays open. A recovery takes it back.
    public var keepsFailed = false
    public var progress: @Sendable (Progress) -> Void
    /// Told what could not be cleared away after a success.
    public var notice: @Sendable (String) -> Void

    public init(
      keepsGoing: Bool = false, atOnce: Int = 250, awaitsStart: Bool = true,
      progress: @escaping @Sendable (Progress) -> Void = { _ in },
      notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.keepsGoing = keepsGoing
      self.atOnce = atOnce
      self.awaitsStart = awaitsStart
      self.progress = progress
      self.notice = notice
    }
  }
}
