/// Podman, from unit files for each container (Quadlet).
struct QuadletKind: ContainerKind {
  let title = "Podman"
  let program = "/usr/bin/podman"
  let hasOwnUnits = true
  let ownFiles: [String] = []
  let daemon: String? = nil
  let keepsVolumes = false

  func owner(unit: String, home: String) -> String { unit }
}
