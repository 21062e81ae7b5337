import BerthKit

extension Connection {
  /// Sends packets, again and again, until one has come that answers them.
  ///
  /// - Parameters:
  ///   - tries: how often it is sent at most; nil for as long as the connection may take.
  ///   - read: what a packet says; nil for one that belongs to something else.
  /// - Throws: what `read` throws, or ``ConnectionFailure``.
  func ask<Answer>(_ packets: [[UInt8]], tries: Int? = nil, read: ([UInt8]) throws -> Answer?) async throws -> Answer {
    var isStray = false
    do {
      for count in 0... {
        if count == tries { break }
        for packet in packets { try await send(packet) }
        while let packet = try await receive(within: AnswerLimits.retrySeconds) {
          if let answer = try read(packet) { return answer }
          isStray = true
        }
      }
      throw ConnectionFailure.silent
    } catch ConnectionFailure.silent where isStray {
      throw AnswerFailure.garbage("it answers another question")
    }
  }
}

/// A number by which an answer is known.
func nonce() -> UInt32 { UInt32.random(in: 1...0x7fff_ffff) }
