import Testing

/// Compares a host after a fault with what it was, apart from what is known to be wrong still.
enum FaultReport {
  static func expectUnchanged(
    _ changes: [String], _ fault: InjectedFault, _ moment: Fault.Moment, _ location: SourceLocation = #_sourceLocation
  ) {
    let isHalfMade = moment == .after && fault.call.hasPrefix("make folder")
    let isStale =
      changes.contains { $0.contains("known to the manager") }
      && changes.allSatisfy { $0.contains("known to the manager") || $0.hasPrefix("went: unit") }
    withKnownIssue("folders are noted after they are made; the manager is told of units before they are taken back") {
      #expect(changes.isEmpty, "after call \(fault.number), \(fault.call)", sourceLocation: location)
    } when: {
      !changes.isEmpty && (isHalfMade || isStale)
    }
  }
}
