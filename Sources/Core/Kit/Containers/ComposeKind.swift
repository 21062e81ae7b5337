/// Docker, from a project of Compose for each instance.
struct ComposeKind: ContainerKind {
  let title = "Docker"
  let program = "/usr/bin/docker"
  let hasOwnUnits = false
  let ownFiles = ScopePaths.composeFiles
  let daemon: String? = ScopePaths.docker
  let keepsVolumes = true

  func owner(unit: String, home: String) -> String { home }
}
