import BerthKit
import BerthPlanning

extension BerthError {
  /// Somebody names a folder that is none.
  static func noProjectFolder(_ path: String) -> BerthError {
    BerthError(
      "no-project", .badInput, "there is no folder '\(path)', and no project of Docker Compose was started in one",
      at: path,
      remedy: "docker compose ls --all")
  }

  static func cannotKeep(_ path: String) -> BerthError {
    BerthError(
      "cannot-keep", .conflict,
      "'\(path)' cannot go on as the instance's: it is no volume of Docker's own on the file system of the instance",
      at: path, remedy: .again("--volumes", "copy"), cause: "--dir with a folder of that file system keeps it as well")
  }

  static func notAdopted(_ record: InstanceRecord) -> BerthError {
    BerthError(
      "not-adopted", .usage, "\(record.title) was not adopted, so that there is nothing to go back to",
      at: record.title, remedy: .berth("status", record.key.app, "--instance", "\(record.key.id)"))
  }

  static func unreadableAdoption(_ path: String, cause: String) -> BerthError {
    BerthError(
      "bad-adoption", .failure, "what says where the instance came from cannot be read", at: path,
      remedy: "docker compose ls --all", cause: cause)
  }

  static func containersGone(_ names: [String], _ adoption: Adoption, _ record: InstanceRecord) -> BerthError {
    BerthError(
      "containers-gone", .failure,
      "the project '\(adoption.project)' no longer has its containers \(names.joined(separator: ", "))",
      at: adoption.folder, remedy: .berth("backup", record.key.app, "--instance", "\(record.key.id)"))
  }
}
