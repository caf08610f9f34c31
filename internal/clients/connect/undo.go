package connect

import (
	"bytes"
	"slices"
)

// A cut replaces text[From:To] with Text, which is nearly always empty, because connect
// only adds.
type cut struct {
	From, To int
	Text     []byte `json:",omitempty"`
}

// undo applies the cuts, which are in the order of the text. ok is false if they do not fit
// the text.
func undo(text []byte, cuts []cut) (base []byte, ok bool) {
	at := 0
	for _, c := range cuts {
		if c.From < at || c.To < c.From || c.To > len(text) {
			return nil, false
		}
		base = slices.Concat(base, text[at:c.From], c.Text)
		at = c.To
	}
	return append(base, text[at:]...), true
}

// cuts returns the cuts that turn after into base. If base is after without some pieces,
// the cuts contain no text, so nothing of the user's file is copied.
func cuts(after, base []byte) []cut {
	if all, ok := deletions(after, base); ok {
		return all
	}
	from, end := 0, 0
	for from < len(after) && from < len(base) && after[from] == base[from] {
		from++
	}
	for end < len(after)-from && end < len(base)-from && after[len(after)-1-end] == base[len(base)-1-end] {
		end++
	}
	return []cut{{from, len(after) - end, slices.Clone(base[from : len(base)-end])}}
}

// deletions finds the pieces of after that are not in base.
func deletions(after, base []byte) (all []cut, ok bool) {
	i, j := 0, 0
	for j < len(after) {
		if i < len(base) && base[i] == after[j] {
			i, j = i+1, j+1
			continue
		}
		// The next bytes of base must come later in after. Search for a piece that is long
		// enough not to occur in what was added.
		next := base[i:min(len(base), i+32)]
		width := len(after) - j
		if len(next) > 0 {
			if width = bytes.Index(after[j:], next); width < 0 {
				return nil, false
			}
		}
		all = append(all, cut{From: j, To: j + width})
		j += width
	}
	return all, i == len(base)
}
