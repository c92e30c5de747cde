//! Where reports go, and how errors are told.

use std::fs::Permissions;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use plimsoll_model::Report;
use plimsoll_report::{DEFAULT_WIDTH_COLUMNS, FORMATS, Format, Style, TableKind, shown};

use crate::args::OutputArgs;
use crate::failure::Usage;

/// One report to write.
pub(crate) struct Output {
    format: &'static Format,
    /// `None` is standard output.
    pub(crate) file: Option<PathBuf>,
    table: Option<TableKind>,
}

/// Reads `--format` and `--table`.
///
/// # Errors
/// An unknown format or kind, two reports for standard output, a file for several targets.
pub(crate) fn parse(args: &OutputArgs, targets: usize) -> Result<Vec<Output>> {
    let table = args.table.as_deref().map(table_kind).transpose()?;
    let mut outputs = Vec::new();
    let wanted = args.format.clone().unwrap_or_else(|| vec!["table".to_owned()]);
    for text in &wanted {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text.as_str(), None),
        };
        let Some(format) = FORMATS.iter().find(|format| format.name == name) else {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            bail!(
                Usage::new(format!("`{name}` is no format"))
                    .with_hint(format!("take one of {}", names.join(", ")))
            );
        };
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            bail!(Usage::new(format!("`{text}` names no file")));
        }
        if targets > 1 && file.is_some() {
            bail!(
                Usage::new("one file cannot hold the reports of several images")
                    .with_hint("scan them one by one, or write to standard output")
            );
        }
        outputs.push(Output { format, file, table });
    }
    if outputs.iter().filter(|output| output.is_stdout()).count() > 1 {
        bail!(
            Usage::new("two reports would go to standard output")
                .with_hint("write one of them to a file: `--format json=FILE`")
        );
    }
    Ok(outputs)
}

/// Writes a report to all its places; a file is written aside and renamed.
pub(crate) fn write(outputs: &[Output], report: &Report) -> Result<()> {
    for output in outputs {
        match &output.file {
            None => {
                let style = style(output.table);
                let mut out = BufWriter::new(std::io::stdout().lock());
                let written = (output.format.write)(report, &style, &mut out);
                // Who reads no further has seen enough; files and gate go on all the same.
                match written.and_then(|()| out.flush()) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                        let _ = out.into_parts();
                    }
                    other => other?,
                }
            }
            Some(path) => {
                let mut style = style(output.table);
                style.color = false;
                write_file(path, |out| (output.format.write)(report, &style, out))
                    .with_context(|| format!("cannot write `{}`", path.display()))?;
            }
        }
    }
    Ok(())
}

fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let there = fs_err::metadata(path).ok();
    // A device or a pipe cannot be replaced by a rename.
    if there.as_ref().is_some_and(|meta| !meta.is_file()) {
        let mut out = BufWriter::new(fs_err::OpenOptions::new().write(true).open(path)?);
        fill(&mut out)?;
        return out.flush();
    }
    // Behind a link it is the file that is replaced, not the link.
    let path = if there.is_some() { fs_err::canonicalize(path)? } else { path.to_owned() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let permissions = there.map_or_else(|| Permissions::from_mode(0o666), |m| m.permissions());
    let mut aside = tempfile::Builder::new()
        .permissions(permissions)
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    {
        let mut out = BufWriter::new(aside.as_file_mut());
        fill(&mut out)?;
        out.flush()?;
    }
    aside.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// Returns how reports for people look on standard output.
pub(crate) fn style(table: Option<TableKind>) -> Style {
    let out = std::io::stdout();
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let width = columns
        .or_else(|| {
            let size = if out.is_terminal() { terminal_size::terminal_size() } else { None };
            size.map(|(width, _)| usize::from(width.0))
        })
        .unwrap_or(DEFAULT_WIDTH_COLUMNS);
    let choice = anstream::AutoStream::choice(&out);
    Style {
        width: width.min(400),
        color: choice != anstream::ColorChoice::Never,
        table: table.unwrap_or_default(),
    }
}

fn table_kind(name: &str) -> Result<TableKind> {
    let Some(kind) = TableKind::ALL.into_iter().find(|kind| kind.name() == name) else {
        let names: Vec<&str> = TableKind::ALL.iter().map(|kind| kind.name()).collect();
        bail!(
            Usage::new(format!("`{name}` is no kind of table"))
                .with_hint(format!("take one of {}", names.join(", ")))
        );
    };
    Ok(kind)
}

/// Tells an error, and what to do.
pub(crate) fn error(text: &str, hint: Option<&str>) {
    anstream::eprintln!("error: {}", shown(text));
    if let Some(hint) = hint {
        anstream::eprintln!("\nhint: {}", shown(hint));
    }
}
