import Foundation

/// Whether tests try every point at which Berth can be killed or fail, as `make test-all` has them do, or some of them.
public enum EveryPoint {
  public static let isTried = ProcessInfo.processInfo.environment["BERTH_EVERY_POINT"] != nil
}
