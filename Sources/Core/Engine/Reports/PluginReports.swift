import BerthKit

/// Where a plugin was taken from.
public struct PluginOriginReport: Report {
  let origin: PluginOrigin

  public init(_ origin: PluginOrigin) { self.origin = origin }

  public var fields: ReportFields {
    [
      "kind": origin.kind.rawValue, "from": origin.from, "plugin": origin.plugin, "reference": origin.reference,
      "commit": origin.commit, "sha256": origin.sha256, "index": origin.index, "added": origin.added,
    ]
  }
}

/// One thing that an app has of the host.
public struct PluginAskReport: Report {
  let ask: PluginAsk
  /// Whether the plugin that is replaced did not have it; false where none is.
  let isNew: Bool

  public init(_ ask: PluginAsk, isNew: Bool = false) {
    self.ask = ask
    self.isNew = isNew
  }

  public var fields: ReportFields {
    ["kind": ask.kind.rawValue, "what": ask.what, "reason": ask.reason, "new": isNew]
  }
}

/// A plugin that was, or would be, added or updated.
public struct PluginOfferReport: Report {
  public let app: String
  let folder: String
  let former: PluginOrigin?
  let result: Result<PluginOffer, BerthError>
  /// Whether it was done.
  let isDone: Bool

  /// - Parameter folder: where it lies, or would.
  public init(
    _ app: String, at folder: String, former: PluginOrigin?, _ result: Result<PluginOffer, BerthError>,
    done isDone: Bool
  ) {
    self.app = app
    self.folder = folder
    self.former = former
    self.result = result
    self.isDone = isDone
  }

  /// Whether it was only said what would be.
  public var isPending: Bool { !isDone && state != "unchanged" }
  private var offer: PluginOffer? { try? result.get() }
  public var problem: BerthError? { if case .failure(let error) = result { error } else { nil } }

  /// `added`, `updated`, `unchanged` or `failed`, also of what would be.
  public var state: String {
    guard let offer else { return "failed" }
    return offer.former == nil ? "added" : offer.isSame ? "unchanged" : "updated"
  }

  public var fields: ReportFields {
    [
      "id": app, "name": offer?.manifest.name, "summary": offer?.manifest.summary, "version": offer?.origin.version,
      "former_version": former?.version, "state": state, "done": isDone, "path": folder,
      "untested": offer?.manifest.untested, "source": (offer?.origin ?? former).map(PluginOriginReport.init),
      "asks": offer.map { offer in
        offer.manifest.asks.map { PluginAskReport($0, isNew: offer.former != nil && offer.newAsks.contains($0)) }
      } ?? [], "warnings": offer?.check.unused ?? [], "problem": problem,
    ]
  }
}

/// A plugin that was taken away.
public struct PluginRemoval: Report {
  let app: String
  let origin: PluginOrigin

  public init(_ app: String, _ origin: PluginOrigin) {
    self.app = app
    self.origin = origin
  }

  public var fields: ReportFields {
    ["id": app, "version": origin.version, "source": PluginOriginReport(origin)]
  }
}

/// A plugin of an index.
public struct AvailablePlugin: Report {
  let entry: PluginIndex.Entry
  let index: String
  /// The version that is there; nil where none is.
  public let installed: String?

  public init(_ entry: PluginIndex.Entry, index: String, installed: String?) {
    self.entry = entry
    self.index = index
    self.installed = installed
  }

  public var cells: [String] {
    [
      entry.id, entry.name, entry.category, entry.version, installed ?? "–", entry.level.map(String.init) ?? "–",
      entry.summary,
    ]
  }

  public var fields: ReportFields {
    [
      "id": entry.id, "name": entry.name, "summary": entry.summary, "category": entry.category,
      "version": entry.version, "licence": entry.licence, "level": entry.level, "sha256": entry.sha256, "index": index,
      "installed_version": installed,
    ]
  }
}

/// An index that was made.
public struct PluginIndexReport: Report {
  let path: String
  let plugins: [String]
  let isSigned: Bool

  public init(_ index: PluginIndex, at path: String, signed isSigned: Bool) {
    self.path = path
    self.isSigned = isSigned
    plugins = index.plugins.map(\.id)
  }

  public var fields: ReportFields { ["path": path, "signed": isSigned, "plugins": plugins] }
}
