import BerthKit
import BerthPlan
import BerthRender

/// Instances that leave their pools for a while.
extension HostServices {
  /// Has proxies pass nothing new on to instances, and waits until what is under way has come to its end.
  ///
  /// A proxy that cannot do it keeps no instance from being stopped.
  ///
  /// - Returns: why instances are still in their pools, for a person.
  func leave(_ places: [PoolPlace]) async throws -> [String] {
    var problems: [String] = []
    for kind in ProxyConfig.Kind.allCases {
      let present = places.filter { $0.kind == kind }.flatMap(\.files).filter(files.exists)
      guard !present.isEmpty else { continue }
      do {
        guard try await proxies.keepsAnswering(kind) else { continue }
        let addresses = try Set(present.flatMap { PoolMember.addresses(try files.read($0)) })
        if try rewrite(present, PoolMember.away) { try await proxies.reload(kind) }
        try await drain(addresses)
      } catch let error as CancellationError { throw error } catch {
        _ = try? rewrite(present, PoolMember.back)
        problems.append("requests may be lost, as the pool cannot be left: \(BerthError(anything: error).summary)")
      }
    }
    return problems
  }

  /// Has proxies pass requests on to instances again. Those that are in their pools stay there.
  ///
  /// - Throws: `proxy-reload`.
  func join(_ places: [PoolPlace]) async throws {
    for kind in ProxyConfig.Kind.allCases {
      let present = places.filter { $0.kind == kind }.flatMap(\.files).filter(files.exists)
      if try rewrite(present, PoolMember.back) { try await proxies.reload(kind) }
    }
  }

  /// - Returns: whether any of the files was another one before.
  private func rewrite(_ paths: [String], _ change: (String) -> String) throws -> Bool {
    var isChanged = false
    for path in paths {
      let former = try files.read(path)
      let text = change(former)
      guard text != former else { continue }
      try files.write(text, to: path, mode: 0o644, owner: nil, anchor: nil)
      isChanged = true
    }
    return isChanged
  }

  /// Waits for connections to end, ``PoolPlace/patience`` seconds at most.
  private func drain(_ addresses: Set<PoolMember.Address>) async throws {
    var calm = 0
    // A request that was read before the reload may be about to be passed on, so that one look is not enough.
    for _ in 0..<(PoolPlace.patience * 10) where calm < 2 {
      calm = addresses.contains { ports.isCalled(at: $0.host, $0.port) } ? 0 : calm + 1
      if calm < 2 { try await Task.sleep(for: .milliseconds(100)) }
    }
  }
}
