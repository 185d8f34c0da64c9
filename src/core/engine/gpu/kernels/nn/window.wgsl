// Twin of nn::window: where windows stand, and what lies under them.

// No number, and no place.
const NOWHERE: u32 = 0xffffffffu;

// Which number of a plane lies under this cell at this place. Twin: Windows::under.
fn under(w: Windows, place: u32, cell: u32) -> u32 {
    // Counted from the first row and column of the padding.
    let y = place / w.columns * w.stride + cell / w.size;
    let x = place % w.columns * w.stride + cell % w.size;
    if y < w.padding || x < w.padding || y >= w.padding + w.height || x >= w.padding + w.width {
        return NOWHERE;
    }
    return (y - w.padding) * w.width + x - w.padding;
}

// At which place this cell lies over this number of a plane: the inverse.
fn over(w: Windows, at: u32, cell: u32) -> u32 {
    let y = at / w.width + w.padding;
    let x = at % w.width + w.padding;
    let down = cell / w.size;
    let across = cell % w.size;
    if y < down || x < across || (y - down) % w.stride != 0u || (x - across) % w.stride != 0u {
        return NOWHERE;
    }
    let column = (x - across) / w.stride;
    let place = (y - down) / w.stride * w.columns + column;
    return select(NOWHERE, place, column < w.columns && place < w.places);
}
