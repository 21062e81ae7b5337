import BerthKit

/// The recovery at a boot.
extension Berth {
  /// Recovers what broke off before a sandbox was started, as a unit does at a boot of a host.
  public func recoverAtStart() async { await recoverBroken(nil) }

  /// Before anything begins that a boot may have to end.
  func prepareForBoot() {
    guard let boot else { return }
    do { try boot.install() } catch {
      options.notice("the unit that recovers at a boot could not be written: \(BerthError(anything: error).summary)")
    }
  }

  /// Once there are no instances, there is nothing to recover at a boot.
  func settleForBoot() {
    guard let boot, let isEmpty = try? host.registry.isEmpty(), isEmpty, (try? openOperations())?.isEmpty == true else {
      return
    }
    do { try boot.remove() } catch {
      options.notice("the unit that recovers at a boot could not be removed: \(BerthError(anything: error).summary)")
    }
  }
}
