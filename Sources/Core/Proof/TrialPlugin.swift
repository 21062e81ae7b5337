import BerthKit

/// The plugin that is tried, with what a trial needs beside it.
struct TrialPlugin: ConfigFileWriting, SettingsChecking {
  let base: any AppPlugin
  let manifest: Manifest

  /// Jobs that put something into the program and read it back.
  static let (write, read) = ("probe-write", "probe-read")
  /// A time that no trial reaches. A job on a calendar runs beside its service.
  private static let never = "2199-01-01"

  var id: String { base.id }
  var readsInCode: [String] { base.readsInCode }

  /// - Parameter change: what is otherwise with the plugin for this trial.
  init(_ base: any AppPlugin, _ change: (inout Manifest) -> Void = { _ in }) {
    self.base = base
    var manifest = base.manifest
    // Nothing runs by itself while something is tried.
    manifest.backupPolicy.schedule = nil
    change(&manifest)
    if let probe = manifest.probeData {
      for (id, action) in [(Self.write, probe.write), (Self.read, probe.read)] where action.console == nil {
        manifest.jobs.append(Job(id, calendar: Self.never, service: probe.service, action: action))
      }
    }
    self.manifest = manifest
  }

  func contents(of file: ConfigFile, with variables: Variables) throws -> String {
    guard let writer = base as? any ConfigFileWriting else { return "" }
    return try writer.contents(of: file, with: variables)
  }

  func check(_ settings: [String: Value]) throws { try (base as? any SettingsChecking)?.check(settings) }
}
