import BerthKit

@testable import BerthEngine

// The rest of the border that ``Watch`` looks at.

struct WatchedEngine: ContainerEngine {
  let real: any ContainerEngine
  let watch: Watch

  func require() async throws {
    await watch.call("engine require")
    try await real.require()
  }

  func images() async throws -> [ContainerImage] {
    await watch.call("engine images")
    return try await real.images()
  }

  func containers() async throws -> [EngineContainer] {
    await watch.call("engine containers")
    return try await real.containers()
  }

  func volumes() async throws -> [String] {
    await watch.call("engine volumes")
    return try await real.volumes()
  }

  func subnets() async throws -> [Subnet] {
    await watch.call("engine subnets")
    return try await real.subnets()
  }

  func user(of image: String, as user: String?) async throws -> FileNumbers {
    await watch.call("engine user")
    return try await real.user(of: image, as: user)
  }

  func pull(_ reference: String) async throws {
    await watch.call("engine pull")
    try await real.pull(reference)
  }

  func check(_ files: [(name: String, text: String)]) async throws {
    await watch.call("engine check")
    try await real.check(files)
  }
}

struct WatchedProjects: ForeignProjects {
  let real: any ForeignProjects
  let watch: Watch

  func project(in folder: String) async throws -> ForeignProject {
    await watch.call("project look")
    return try await real.project(in: folder)
  }

  func present(_ containers: [ContainerHandle]) async throws -> [ContainerHandle] {
    await watch.call("project present")
    return try await real.present(containers)
  }

  func stop(_ containers: [ContainerHandle]) async throws {
    await watch.call("project stop")
    try await real.stop(containers)
  }

  func start(_ containers: [ContainerHandle]) async throws -> [String] {
    await watch.call("project start")
    return try await real.start(containers)
  }
}

struct WatchedProxies: WebProxies {
  let real: any WebProxies
  let watch: Watch

  func check(_ change: SiteChange, of kind: ProxyConfig.Kind) async throws {
    await watch.call("proxy check")
    try await real.check(change, of: kind)
  }

  func openAdmin(_ kind: ProxyConfig.Kind) async throws -> String? {
    await watch.call("proxy admin")
    return try await real.openAdmin(kind)
  }

  func keepsAnswering(_ kind: ProxyConfig.Kind) async throws -> Bool {
    await watch.call("proxy answers")
    return try await real.keepsAnswering(kind)
  }

  func reload(_ kind: ProxyConfig.Kind) async throws {
    await watch.call("proxy reload")
    try await real.reload(kind)
  }
}

struct WatchedDownloads: Downloads {
  let real: any Downloads
  let watch: Watch

  func require() throws { try real.require() }

  func fetch(_ url: String, to path: String, atMost limit: Int64, progress: @escaping ByteProgress) async throws {
    await watch.call("download")
    try await real.fetch(url, to: path, atMost: limit, progress: progress)
  }
}

struct WatchedSteam: SteamServers {
  let real: any SteamServers
  let watch: Watch

  func require() throws { try real.require() }

  func builds(of app: Int, home: String) async throws -> [String: Int] {
    await watch.call("steam builds")
    return try await real.builds(of: app, home: home)
  }

  func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws -> Int {
    await watch.call("steam fetch")
    return try await real.fetch(app, branch: branch, into: folder, home: home)
  }
}
