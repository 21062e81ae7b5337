import BerthKit
import BerthStore

/// The host as the executor may touch it: one implementation of each protocol of the border, and the registry.
public struct HostServices: Sendable {
  public var files: any FileTree
  public var manager: any ServiceManager
  public var logs: any LogReader
  public var ports: any PortProbe
  public var users: any SystemUsers
  public var packages: any PackageManager
  public var containers: ContainerEngines
  public var projects: any ForeignProjects
  public var proxies: any WebProxies
  public var connector: any Connector
  public var locks: any LockKeeper
  public var clock: any HostClock
  public var archives: any BackupArchives
  public var sources: AppSources
  public var registry: InstanceRegistry
  public var paths: ScopePaths

  public init(
    files: any FileTree, manager: any ServiceManager, logs: any LogReader, ports: any PortProbe, users: any SystemUsers,
    packages: any PackageManager, containers: ContainerEngines, projects: any ForeignProjects,
    proxies: any WebProxies, connector: any Connector, locks: any LockKeeper, clock: any HostClock,
    archives: any BackupArchives, sources: AppSources, registry: InstanceRegistry, paths: ScopePaths
  ) {
    self.files = files
    self.manager = manager
    self.logs = logs
    self.ports = ports
    self.users = users
    self.packages = packages
    self.containers = containers
    self.projects = projects
    self.proxies = proxies
    self.connector = connector
    self.locks = locks
    self.clock = clock
    self.archives = archives
    self.sources = sources
    self.registry = registry
    self.paths = paths
  }
}
