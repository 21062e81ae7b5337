import BerthKit
import BerthPlan

extension AppFacts {
  /// The release that an instance with these settings runs; nil when its programs are in packages or images.
  ///
  /// - Parameter former: the builds of Steam's that it stays with; what is not among them is the newest.
  /// - Throws: `bad-download` when a setting makes no address or checksum; `no-steam-branch`; or ``UnknownBuild``.
  package func release(of values: [String: Value], with former: [SteamBuild] = []) throws -> Release? {
    guard manifest.hasReleases else { return nil }
    let names = Variables(settings: values, of: manifest)
    let parts = try manifest.install.enumerated().compactMap { index, step -> Release.Part? in
      let key = "install[\(index)].download"
      switch step {
      case .apt: return nil
      case .download(let download):
        guard download.condition?.holds(values) ?? true else { return nil }
        let url = try names.text(download.url) ?? ""
        guard Download.isURL(url) else {
          throw BerthError.badDownload(url, "is not an address that begins with https:// or http://", at: "\(key).url")
        }
        let sha256 = try names.text(download.sha256) ?? ""
        guard Download.isDigest(sha256) else {
          throw BerthError.badDownload(sha256, "is not a SHA-256 of 64 hexadecimal digits", at: "\(key).sha256")
        }
        return .download(
          url: url, sha256: sha256.lowercased(), place: download.place, isUnpacked: download.isUnpacked,
          strip: download.strip)
      case .steam(let server):
        guard server.condition?.holds(values) ?? true else { return nil }
        let stays = former.first { $0.app == server.app && $0.branch == server.branch }
        return .steam(try stays ?? steam.build(of: server))
      }
    }
    let places = Set(manifest.enabledMounts(values).compactMap(place)).sorted {
      $0.words.lexicographicallyPrecedes($1.words)
    }
    return parts.isEmpty ? nil : Release(app: manifest.id, parts: parts + places)
  }

  /// What must be there for a mount to lie over.
  private func place(of mount: Mount) -> Release.Part? {
    mount.placeInApp.map { manifest.isConfigFile(mount) ? .file(place: $0) : .folder(place: $0) }
  }

  /// The release of an instance that comes back from a backup: with the builds of then if they are still there, since
  /// Steam hands out no older ones, else with those that it has now, else with the newest.
  package func release(of values: [String: Value], then: [SteamBuild], now: [SteamBuild], _ view: HostView) throws
    -> Release?
  {
    for builds in [then, now] {
      do {
        guard let release = try release(of: values, with: builds) else { return nil }
        if view.exists(context.paths.release(release.app, release.name)) { return release }
      } catch is UnknownBuild {
        // It has another branch than then.
      }
    }
    return try release(of: values)
  }
}
