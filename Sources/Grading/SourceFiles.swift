import Foundation

/// The files under a folder, its subfolders' too.
public enum SourceFiles {
    /// - Parameters:
    ///   - folder: the path of a folder; a missing one holds no files.
    ///   - endings: what the names may end in: `.swift`.
    /// - Returns: their paths, sorted. What a link leads to elsewhere is not among them: a submission is what
    ///   was handed in.
    public static func under(_ folder: String, endings: [String]) -> [String] {
        named(folder, endings: endings).filter { isFile($0, within: folder) }
    }

    /// The same by their names alone, whatever they are: for the kit's own folders, which hold nothing else.
    ///
    /// - Parameter left: a subfolder's name; what is in such a folder is left out.
    static func named(_ folder: String, endings: [String], without left: String? = nil) -> [String] {
        guard let paths = FileManager.default.enumerator(atPath: folder) else { return [] }
        var files: [String] = []
        while let path = paths.nextObject() as? String {
            let name = path.split(separator: "/").last ?? ""
            if name.hasPrefix(".") || name == left ?? "" { paths.skipDescendants() }
            if !name.hasPrefix("."), endings.contains(where: name.hasSuffix) { files.append(path) }
        }
        return files.sorted().map { "\(folder)/\($0)" }
    }

    /// Whether `path` leads to a regular file: to read a pipe or a device might never end.
    private static func isFile(_ path: String, within folder: String) -> Bool {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let top = URL(filePath: folder).resolvingSymlinksInPath().path
        if !target.hasPrefix(top + "/") { return false }
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        return attributes?[.type] as? FileAttributeType == .typeRegular
    }
}
