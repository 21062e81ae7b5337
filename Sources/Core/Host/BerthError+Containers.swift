import BerthKit

extension BerthError {
  static func noPodman() -> BerthError {
    BerthError(
      "no-podman", .unavailable, "containers need Podman, which is not installed", remedy: "apt-get install podman")
  }

  static func noQuadlet() -> BerthError {
    BerthError(
      "no-quadlet", .unavailable, "this Podman has no generator for systemd (Quadlet), which came with 4.4",
      remedy: "podman --version")
  }

  static func containersNeedSystem() -> BerthError {
    BerthError(
      "no-podman", .unavailable, "containers run in the system scope only", remedy: "sudo berth --scope system")
  }

  static func noImage(_ reference: String, _ cause: String) -> BerthError {
    BerthError(
      "no-image", .unavailable, "the image '\(reference)' cannot be had", remedy: "podman pull \(reference)",
      cause: String(cause.suffix(2000)))
  }

  static func podmanUnreadable(_ question: String, _ cause: String) -> BerthError {
    BerthError(
      "podman-unreadable", .failure, "what 'podman \(question)' says cannot be read",
      remedy: "podman \(question) --format json", cause: cause)
  }

  static func badContainerFile(_ name: String, _ cause: String) -> BerthError {
    BerthError(
      "bad-quadlet", .failure, "Podman's generator makes no sound unit of '\(name)'", at: name,
      remedy: "man podman-systemd.unit", cause: String(cause.suffix(2000)))
  }
}
