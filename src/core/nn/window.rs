//! Square windows that slide over the planes of images: where they stand, and what lies under them. Knows no number there.

use crate::Here;

/// The shape of an image: so many planes of so many rows and columns. Its numbers are ordered by plane, row, column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planes {
    /// Planes: colours, or channels.
    pub channels: usize,
    /// Rows of a plane.
    pub height: usize,
    /// Columns of a plane.
    pub width: usize,
}

impl Planes {
    /// Numbers of an image.
    pub fn count(self) -> usize {
        self.channels * self.area()
    }

    /// Numbers of a plane.
    pub fn area(self) -> usize {
        self.height * self.width
    }
}

/// A window over every plane of an image at once, at all its places, which are ordered by row, column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    over: Planes,
    size: usize,
    stride: usize,
    padding: usize,
    rows: usize,
    columns: usize,
    here: Here,
}

impl Windows {
    /// Windows of `size × size` cells, `stride` apart, over planes with so many rows and columns of zeros around them; `None`
    /// where not one fits, and in a part of the engine.
    pub fn new(over: Planes, size: usize, stride: usize, padding: usize) -> Option<Windows> {
        let along = |length: usize| Some((length + 2 * padding).checked_sub(size)? / stride + 1);
        Some(Windows {
            over,
            size,
            stride,
            padding,
            rows: along(over.height)?,
            columns: along(over.width)?,
            here: Here::get()?,
        })
    }

    /// What they slide over.
    pub fn over(&self) -> Planes {
        self.over
    }

    /// Rows of a window, and columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// From one window to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Rows of zeros above a plane, and so on all sides.
    pub fn padding(&self) -> usize {
        self.padding
    }

    /// Cells of a window, ordered by row, column.
    pub fn cells(&self) -> usize {
        self.size * self.size
    }

    /// How often it fits.
    pub fn places(&self) -> usize {
        self.rows * self.columns
    }

    /// The planes that one number per place makes, so many of them.
    pub fn planes(&self, channels: usize) -> Planes {
        Planes {
            channels,
            height: self.rows,
            width: self.columns,
        }
    }

    /// For every place in order, the number of a plane that lies under this cell; `None` beside the plane.
    pub fn under(&self, cell: usize) -> impl Iterator<Item = Option<usize>> {
        let Windows { over, padding, .. } = *self;
        let inside =
            move |at: usize, length: usize| at.checked_sub(padding).filter(|&at| at < length);
        let (down, across) = (cell / self.size, cell % self.size);
        let (columns, stride) = (self.columns, self.stride);
        (0..self.rows).flat_map(move |i| {
            let row = inside(i * stride + down, over.height);
            (0..columns)
                .map(move |j| Some(row? * over.width + inside(j * stride + across, over.width)?))
        })
    }
}
