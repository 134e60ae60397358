/// Two lists side by side: what they have in common in one row, what one of them has alone in a row of its own,
/// that of the left one first.
///
/// - Parameter key: what makes two elements the same.
public func aligned<Element, Key: Hashable>(
    _ left: [Element],
    _ right: [Element],
    by key: (Element) -> Key
) -> [(left: Element?, right: Element?)] {
    let changes = right.map(key).difference(from: left.map(key))
    let lonely = (left: Set(changes.removals.map(\.offset)), right: Set(changes.insertions.map(\.offset)))
    var rows: [(left: Element?, right: Element?)] = []
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
        if lonely.left.contains(i) {
            rows.append((left[i], nil))
            i += 1
        } else if lonely.right.contains(j) {
            rows.append((nil, right[j]))
            j += 1
        } else {
            rows.append((left[i], right[j]))
            (i, j) = (i + 1, j + 1)
        }
    }
    return rows
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
