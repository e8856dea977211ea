// The HTTP-POST binding: the browser carries the Response back. Without JavaScript there is a button.
document.getElementById("back").submit();
