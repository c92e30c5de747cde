//! Properties of every version order: total, and calm on any text.
