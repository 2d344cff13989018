internal import Files
internal import Glibc

/// Hugging Face's cache of downloaded repositories: `models--ORG--NAME/snapshots/REVISION`, and `refs/main` with the latest revision.
public enum HubCache {
  /// `$HF_HUB_CACHE`, `$HF_HOME/hub`, or `~/.cache/huggingface/hub`.
  static var root: String {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }
    return variable("HF_HUB_CACHE") ?? variable("HF_HOME").map { $0 + "/hub" } ?? "\(variable("HOME") ?? "")/.cache/huggingface/hub"
  }

  /// The repository and revision that a folder inside some cache is of, `org/name` and a commit; nil for any other folder.
  public static func origin(of folder: String) -> (id: String, revision: String)? {
    let parts = folder.split(separator: "/")
    guard let place = parts.lastIndex(of: "snapshots"), place > 0, parts.count == place + 2 else { return nil }
    let name = parts[place - 1]
    guard name.hasPrefix("models--") else { return nil }
    return (String(name.dropFirst("models--".count)).replacing("--", with: "/"), String(parts[place + 1]))
  }

  /// Where the cache has a repository.
  /// - Parameter revision: a commit; nil is what `main` was when it was fetched.
  public static func folder(of id: String, revision: String?) -> String? {
    let repository = "\(root)/models--\(id.replacing("/", with: "--"))"
    let main = (try? FileSystem.text("\(repository)/refs/main")).map { String($0.prefix { !$0.isWhitespace }) }
    return [revision, main].compactMap { $0 }.map { "\(repository)/snapshots/\($0)" }.first(where: FileSystem.isFolder)
  }
}
