import BerthKit
import Synchronization

/// Web proxies that find fault with what they are told to. A fake, since real ones need a host of their own; these are
/// tried where systemd has booted.
final class FakeProxies: WebProxies {
  struct State {
    /// What was looked at, call by call.
    var checked: [SiteChange] = []
    var reloaded: [ProxyConfig.Kind] = []
    /// What `check` says.
    var problem: BerthError?
    /// Where everybody can give it orders.
    var openAdmin: String?
    var keepsAnswering = true
    /// What `reload` says, as often as it stands here.
    var refusals: [BerthError] = []
  }

  private let state = Mutex(State())
  private let fault: Fault

  init(fault: Fault) { self.fault = fault }

  var now: State { state.withLock { $0 } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func check(_ change: SiteChange, of kind: ProxyConfig.Kind) async throws {
    try state.withLock { state in
      state.checked.append(change)
      if let problem = state.problem { throw problem }
    }
  }

  func openAdmin(_ kind: ProxyConfig.Kind) async throws -> String? { kind == .caddy ? now.openAdmin : nil }

  func keepsAnswering(_ kind: ProxyConfig.Kind) async throws -> Bool { now.keepsAnswering }

  func reload(_ kind: ProxyConfig.Kind) async throws {
    try fault.act("reload \(kind.rawValue)") {
      try state.withLock { state in
        state.reloaded.append(kind)
        if !state.refusals.isEmpty { throw state.refusals.removeFirst() }
      }
    }
  }
}
